"""Labels on a report."""

import pytest

from eligibility.registers.kinds import KINDS
from eligibility.reports import words
from guide import Lang


@pytest.mark.parametrize("register", sorted(KINDS))
def test_a_register_is_called_as_its_files_are(register: str) -> None:
    zh, en = KINDS[register].title
    assert words.source(f"register:{register}", Lang.zh) == f"登记库：{zh}"
    assert words.source(f"register:{register}", Lang.en) == f"register: {en}"
