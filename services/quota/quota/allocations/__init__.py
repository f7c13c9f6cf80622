"""What a guide allots: staged by version, in force once activated."""
