"""Open holds by city, with the age of the oldest; settled ones do not count."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from tests.quota.conftest import CITY, House
from tests.quota.test_sweeps import Intake

from common.clock import clock
from common.db import ALL_CITIES
from common.jobs import JobContext
from common.testing import settings_for
from quota.figures import AGE, FIGURES, OPEN
from quota.settings import Settings
from quota.sweeps import SETTLE, Gauges, sweeps


async def figures(quota: House) -> dict[tuple[str, str], float]:
    async with quota.db.read(ALL_CITIES) as session:
        return {(one.figure.name, one.labels[0]): one.value for one in await FIGURES.read(session)}


async def age(quota: House, subjects: Sequence[Any], by: timedelta) -> None:
    async with quota.db.write(ALL_CITIES) as session:
        await session.execute(
            text("UPDATE holds SET recorded_at = :at WHERE subject = ANY(:subjects)"),
            {"at": clock.system() - by, "subjects": list(subjects)},
        )


async def test_open_holds_and_the_oldest(quota: House) -> None:
    await quota.allot({"major/city": 5})
    subjects = [(await quota.take("major/city")).subject for _ in range(4)]
    await age(quota, subjects[:2], timedelta(minutes=10))
    await quota.confirm(subjects[0])
    await quota.void(subjects[2])
    found = await figures(quota)
    assert found[OPEN.name, CITY] == 2
    assert found[AGE.name, CITY] == pytest.approx(600, abs=60)


async def test_nothing_open_is_shown_as_nothing(quota: House) -> None:
    await quota.allot({"major/city": 1})
    await quota.confirm((await quota.take("major/city")).subject)
    assert (OPEN.name, CITY) not in await figures(quota)


async def test_the_page_shows_them(quota: House) -> None:
    await quota.allot({"major/city": 1})
    await quota.take("major/city")
    async with quota.by_intake() as anyone:
        page = (await anyone.get("/metrics")).text
    assert f'quota_holds_open{{city="{CITY}",service="quota"}} 1.0' in page
    assert "quota_settle_refused NaN" in page


async def test_what_intake_refuses_to_settle_is_counted_while_it_does(quota: House) -> None:
    await quota.allot({"major/city": 1})
    subject = (await quota.take("major/city")).subject
    await age(quota, [subject], timedelta(minutes=10))
    settings, gauges, intake = settings_for(Settings), Gauges(), Intake({subject: 409})
    client = intake.client()
    _, settle = sweeps(settings, gauges).periodic[SETTLE]
    context = JobContext(quota.db, client, settings, 1)
    await settle(context)
    assert next(iter(gauges.refused.collect())).samples[0].value == 1
    intake.answers[subject] = "void"
    await settle(context)
    await client.close()
    assert next(iter(gauges.refused.collect())).samples[0].value == 0
