"""Comparing the owners: what each service keeps of the others, after one was restored from another moment."""
