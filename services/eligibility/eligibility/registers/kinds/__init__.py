"""The registers. A further one is a module like these and a line here; no table, no route of its own."""

from typing import Any

from eligibility.registers.kinds import credit_blacklist, patents, projects_in_progress
from eligibility.registers.kinds.base import Kind

KINDS: dict[str, Kind[Any]] = {
    kind.name: kind for kind in (credit_blacklist.KIND, projects_in_progress.KIND, patents.KIND)
}
