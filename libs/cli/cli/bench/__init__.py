"""Benchmarks: what the project does under load, and that nothing breaks by it."""
