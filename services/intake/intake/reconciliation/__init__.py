"""What intake tells an operator who compares the owners after a restore, and what it mends on demand."""
