"""What eligibility tells an operator who compares the owners after a restore."""
