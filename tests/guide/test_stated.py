"""Facts that a paper states: of the pack's form, with `true` where a file belongs."""

from pathlib import Path
from typing import Any

import pytest

from guide import Pack, load_pack, stated_problems, stated_value

FILE = {"sha256": "0" * 64, "at": "2021-05-01T08:00:00+08:00", "name": "证明.pdf"}


@pytest.fixture(scope="module")
def hy() -> Pack:
    return load_pack((Path(__file__).parents[2] / "deploy/guides/hy-2021.yaml").read_bytes())


@pytest.mark.parametrize(
    ("name", "stated", "value"),
    [
        ("director.title_cert", True, FILE),
        ("director.title_cert", False, None),
        ("director.title_cert", None, None),
        ("contract.total_amount", 500_000, 500_000),
        ("contract.parties", [{"id": "applicant"}], [{"id": "applicant"}]),
        ("county.indicators", {"rd_intensity": "2.6"}, {"rd_intensity": "2.6"}),
        (
            "lab.projects",
            [{"kind": "plan", "proof": True}, {"kind": "plan", "proof": False}, {"kind": "plan"}],
            [{"kind": "plan", "proof": FILE}, {"kind": "plan", "proof": None}, {"kind": "plan"}],
        ),
    ],
)
def test_what_a_paper_states(hy: Pack, name: str, stated: Any, value: Any) -> None:
    assert stated_problems(hy, name, stated, "") == []
    assert stated_value(hy, name, stated, FILE) == value


@pytest.mark.parametrize(
    ("name", "stated", "pointer"),
    [
        ("director.title_cert", FILE, "/a"),  # nobody states another file's digest
        ("lab.projects", [{"kind": "plan", "proof": FILE}], "/a/0/proof"),
        ("lab.projects", [{"kind": "sideways"}], "/a/0/kind"),
        ("contract.parties", "applicant", "/a"),
        ("contract.total_amount", "500000", "/a"),
        ("contract.total_amount", -1, "/a"),
        ("letter.date", "2021-02-30", "/a"),
        ("result.award_level", "galactic", "/a"),
    ],
)
def test_what_a_paper_may_not_state(hy: Pack, name: str, stated: Any, pointer: str) -> None:
    assert [one.pointer for one in stated_problems(hy, name, stated, "/a")] == [pointer]
