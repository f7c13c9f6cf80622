"""What the command tells the person at the keyboard when it cannot go on."""


class Refusal(Exception):
    """One clear sentence; the command prints it and exits 1."""
