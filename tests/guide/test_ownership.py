"""Keys of records that somebody else states."""

from typing import Any

import pytest

from guide import Owner, keys_of_others

FILE = {"sha256": "0" * 64, "at": "2021-03-01T09:00:00+08:00"}


@pytest.mark.parametrize(
    ("name", "value", "others", "pointers"),
    [
        ("partners", [{"type": "university", "region": "DE"}], (Owner.att, Owner.rev), []),
        ("partners", [{}, {"capability_ok": True}], (Owner.rev,), ["/form/partners/1/capability_ok"]),
        ("partners", [{"agreement": FILE}], (Owner.rev,), []),
        ("partners", [{"agreement": FILE}], (Owner.att, Owner.rev), ["/form/partners/0/agreement"]),
        ("partners", [{"agreement": None, "ip_understanding": ""}], (Owner.att, Owner.rev), []),
        ("lab.projects", [{"proof": FILE, "kind": "plan"}], (Owner.att,), ["/form/partners/0/proof"]),
        ("partners", "nothing of the kind", (Owner.rev,), []),
        ("partners", ["a word"], (Owner.rev,), []),
    ],
)
def test_keys_of_others(name: str, value: Any, others: tuple[Owner, ...], pointers: list[str]) -> None:
    found = keys_of_others(name, value, others, "/form/partners")
    assert [one.pointer for one in found] == pointers
    assert all("owner" in one.reason for one in found)
