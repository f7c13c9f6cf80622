"""What an operator sees of quota's rows: holds that are neither confirmed nor void yet."""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from common.clock import clock
from common.figures import Figure, Figures, Sample
from quota.holds.models import Hold
from quota.holds.states import State

OPEN: Final = Figure("quota_holds_open", "Holds neither confirmed nor void", ("city",))
AGE: Final = Figure("quota_holds_open_age_seconds", "Age of the oldest of them", ("city",))


async def _read(session: AsyncSession) -> Iterable[Sample]:
    rows = await session.execute(
        select(Hold.city, func.count(), func.min(Hold.recorded_at))
        .where(Hold.state == State.held.value)
        .group_by(Hold.city)
    )
    now, found = clock.system(), []
    for city, number, oldest in rows:
        age = (now - oldest).total_seconds()
        found += [Sample(OPEN, number, (city,)), Sample(AGE, max(0.0, age), (city,))]
    return found


FIGURES: Final = Figures((OPEN, AGE), _read)
