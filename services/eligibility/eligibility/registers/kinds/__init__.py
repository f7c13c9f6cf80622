"""The registers. A further one is a module like these and a line here; no table, no route of its own."""

from typing import Any, Final

from eligibility.registers.kinds import (
    commissioners,
    county_indicators,
    credit_blacklist,
    hnte,
    hnte_reserve,
    patents,
    platforms,
    poor_villages,
    projects_in_progress,
    qualifications,
    signed_projects,
    sme_evaluations,
    subsidies,
    talents,
    technical_contracts,
)
from eligibility.registers.kinds.base import Kind

KINDS: Final[dict[str, Kind[Any]]] = {
    kind.name: kind
    for kind in (
        credit_blacklist.KIND,
        projects_in_progress.KIND,
        patents.KIND,
        technical_contracts.KIND,
        hnte.KIND,
        hnte_reserve.KIND,
        sme_evaluations.KIND,
        platforms.KIND,
        qualifications.KIND,
        talents.KIND,
        commissioners.KIND,
        poor_villages.KIND,
        signed_projects.KIND,
        subsidies.KIND,
        county_indicators.KIND,
    )
}
