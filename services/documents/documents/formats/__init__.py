"""File formats: is a file what it says, and what stands in it. No database, no web."""
