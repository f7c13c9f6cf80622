"""A guide as the officer (业务处室人员) reads it before it is published; what changed between two versions.

Pure: the values that `templates/review.html` and `templates/changes.html` show. Whoever has a way to render
templates renders them.
"""

from guide.review.changes import Comparison, compare
from guide.review.page import Review, review

__all__ = ["Comparison", "Review", "compare", "review"]
