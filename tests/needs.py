"""What a test needs that a machine may lack, and what pytest says about it.

    @needs("pgbouncer")
    def test_…

Without the part the test is skipped with a line that names it, and a section at the end of the run counts
such tests. With SHENBAO_PARTS=required they fail instead: for machines where `make tools` found everything.
"""

import os
from collections import Counter

import pytest

from cli import parts

_SKIPPED = pytest.StashKey[Counter[str]]()


def needs(*names: str) -> pytest.MarkDecorator:
    """Mark: these parts (of `cli.parts.PARTS`) must be on the machine.

    Raises:
        KeyError: there is no such part.
    """
    for name in names:
        parts.PARTS[name]
    return pytest.mark.needs(*names)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs(*parts): programs that a machine may lack (tests/needs.py)")
    config.stash[_SKIPPED] = Counter()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    names = [name for mark in item.iter_markers("needs") for name in mark.args]
    lacking = [name for name in names if parts.PARTS[name].find() is None]
    if not lacking:
        return
    said = "; ".join(parts.says(name) for name in lacking)
    if os.environ.get("SHENBAO_PARTS") == "required":
        pytest.fail(said, pytrace=False)
    item.config.stash[_SKIPPED].update(lacking)
    pytest.skip(said)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.config.stash[_SKIPPED]
    if skipped:
        terminalreporter.section("parts that were missing")
        for name, count in skipped.items():
            terminalreporter.line(f"{count} skipped: {parts.says(name)}")
