"""Rules in words: what a person can check without knowing the language of packs."""

from guide.reading.conditions import Line, read_condition
from guide.reading.labels import Labels
from guide.reading.sentences import say

__all__ = ["Labels", "Line", "read_condition", "say"]
