"""Quota in these tests counts places."""

import pytest
from tests.intake.reviews.bureau import JUDGED, Bureau


@pytest.fixture
def owners() -> Bureau:
    owners = Bureau()
    owners.registers |= {**JUDGED, "quota.used": 0, "recommendation.received_at": "2020-06-01T08:00:00+08:00"}
    return owners
