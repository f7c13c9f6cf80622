"""Pools with their counters, and the ledger that explains them."""
