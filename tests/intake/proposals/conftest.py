"""The other services, with places and decisions."""

import pytest
from tests.intake.reviews.bureau import Bureau


@pytest.fixture
def owners() -> Bureau:
    """Eligibility, documents and quota, all well; quota counts, eligibility remembers decisions."""
    return Bureau()
