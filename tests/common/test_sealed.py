"""Sealed columns: bound to their place, opened by every key of the ring, found by a blind index."""

import base64

import pytest

from common.sealed import KeyRing, KeysUnusable, SealBroken, new_key

PLACE = "people.phone:1"


def test_what_is_sealed_opens_at_its_place_only() -> None:
    ring = KeyRing([new_key()])
    sealed = ring.seal("14200000001", PLACE)
    assert b"14200000001" not in sealed
    assert ring.open(sealed, PLACE) == "14200000001"
    for other in ("people.phone:2", "people.resident_id:1"):
        with pytest.raises(SealBroken):
            ring.open(sealed, other)


def test_the_same_text_is_never_sealed_alike() -> None:
    ring = KeyRing([new_key()])
    assert ring.seal("x", PLACE) != ring.seal("x", PLACE)


@pytest.mark.parametrize("place", [0, 3, 10, 20, -1])
def test_one_changed_bit_is_noticed(place: int) -> None:
    ring = KeyRing([new_key()])
    sealed = bytearray(ring.seal("14200000001", PLACE))
    sealed[place] ^= 1
    with pytest.raises(SealBroken):
        ring.open(bytes(sealed), PLACE)


def test_keys_are_changed_by_putting_a_new_one_in_front() -> None:
    old, new = new_key(), new_key()
    before = KeyRing([old]).seal("x", PLACE)
    both = KeyRing([new, old])
    assert both.open(before, PLACE) == "x"
    assert both.stale(before)
    after = both.seal(both.open(before, PLACE), PLACE)
    assert not both.stale(after)
    assert KeyRing([new]).open(after, PLACE) == "x"
    with pytest.raises(SealBroken):
        KeyRing([new]).open(before, PLACE)


def test_an_index_finds_equal_texts_of_one_scope() -> None:
    old, new = new_key(), new_key()
    ring = KeyRing([new, old])
    assert ring.index("x", "330800") == ring.index("x", "330800") != ring.index("y", "330800")
    assert ring.index("x", "330800") != ring.index("x", "430400")
    assert KeyRing([old]).index("x", "330800") in ring.indexes("x", "330800")
    assert ring.index("x", "330800") != KeyRing([old]).index("x", "330800")


@pytest.mark.parametrize(
    "keys",
    [[], ["not base64!"], [base64.b64encode(b"short").decode()], [base64.b64encode(bytes(32)).decode()] * 2],
)
def test_what_is_no_ring_is_refused_without_being_shown(keys: list[str]) -> None:
    with pytest.raises(KeysUnusable) as refused:
        KeyRing(keys)
    assert all(key not in str(refused.value) for key in keys)


def test_a_ring_shows_no_key() -> None:
    key = new_key()
    assert key not in repr(KeyRing([key]))
