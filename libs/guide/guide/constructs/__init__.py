"""The constructs of which a rule is made; truth tables in docs/guide-pack.md."""

from guide.constructs.base import Construct, Frozen
from guide.constructs.node import Node

__all__ = ["Construct", "Frozen", "Node"]
