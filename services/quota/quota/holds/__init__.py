"""Holds: what a subject has taken from pools."""
