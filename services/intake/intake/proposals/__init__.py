"""Proposals: the ranked set that the office proposes for establishment (拟立项)."""
