"""Facts of every kind: none make the checks raise, and none that pass them make the evaluation raise."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from tests.guide.conftest import every_pack

from guide import (
    Pack,
    Request,
    Stage,
    answer,
    check_facts,
    check_request,
    decide,
    evaluate,
    nest,
)
from guide.dictionary import dictionary
from guide.shapes import Shape

NAMES = dictionary().names
SENT = sorted(set(NAMES.shapes) - set(NAMES.refused))
QUICK = settings(
    max_examples=150,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

texts = st.text(st.characters(codec=None), max_size=8)
numbers = st.integers() | st.sampled_from([0, 10**15, 2**63, -(2**63) - 1]) | st.floats()
json_values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
words = st.sampled_from(
    ["none", "", "\x00\ud800", "applicant", "330802", "HK", "C2631", "qz20-t-1-1-fluorine", "other"]
)
days = st.sampled_from(["1900-01-01", "2200-12-31", "2020-02-29", "2019-12-31", "2200-02-28", "9999-12-31"])
instants = st.sampled_from(
    [
        "1900-01-01T00:00:00+14:00", "2200-12-31T23:59:59.999999-14:00", "2020-06-28T17:00:00+08:00",
        "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2020-06-28T17:00:00.001Z",
    ]
)  # fmt: skip
files = st.fixed_dictionaries({"sha256": st.just("a" * 64), "at": instants}, optional={"name": texts})
integers = st.integers(0, 10) | st.integers(0, 10**15)


def valid(shape: Shape) -> st.SearchStrategy[Any]:
    """Values that the shape was made for; most of them pass."""
    if shape.keys is not None:
        record = st.fixed_dictionaries({}, optional={key: valid(one) for key, one in shape.keys.items()})
        return record if shape.type == "ref<org>" else st.lists(record, max_size=3)
    word = st.sampled_from(sorted(shape.tokens)) if shape.tokens else words | texts
    by_type: dict[str, st.SearchStrategy[Any]] = {
        "bool": st.booleans(),
        "int": integers,
        "money": integers,
        "percent": st.sampled_from(["0", "33.33", "100"]),
        "decimal": st.sampled_from(["0", "300.00"]),
        "date": days,
        "instant": instants,
        "file": st.fixed_dictionaries(
            {"sha256": st.just("a" * 64), "at": instants}, optional={"name": texts}
        ),
        "set<enum>": st.lists(word, max_size=3, unique=True),
        "map<enum,decimal>": st.dictionaries(word, st.just("1.5"), max_size=2),
        "list<text>": st.lists(texts | words, max_size=3),
        "list<ref>": st.lists(texts, max_size=3),
    }
    return by_type.get(shape.type, word)


def shapes_of(pack: Pack) -> Mapping[str, Shape]:
    return {name: pack.names.shapes[name] for name in SENT}


@st.composite
def facts(draw: st.DrawFn, shapes: Mapping[str, Shape], wild: bool) -> dict[str, Any]:
    """Facts under known names, dotted or nested; `wild`: any JSON for some of them."""
    names = draw(st.lists(st.sampled_from(sorted(shapes)), max_size=25, unique=True))
    flat = {}
    for name in names:
        odd = wild and draw(st.booleans())
        flat[name] = draw(json_values if odd else valid(shapes[name]))
    return nest(flat) if draw(st.booleans()) else flat


@every_pack
def test_facts_that_pass_never_make_the_evaluation_raise(packs: Mapping[str, Pack], name: str) -> None:
    pack = packs[name]
    own = {fact: shape for fact, shape in shapes_of(pack).items() if fact in pack.facts}
    passed: list[bool] = []

    @QUICK
    @given(facts(own, wild=False), st.sampled_from([leaf.id for leaf in pack.leaves]), st.sampled_from(Stage))
    def check(sent: dict[str, Any], category: str, stage: Stage) -> None:
        good = not check_facts(pack, category, sent)
        passed.append(good)
        if good:
            found = evaluate(pack, category=category, stage=stage, as_of="2020-06-01T09:00:00Z", facts=sent)
            assert found.as_dict()["findings"]
            decide(pack, stage, found)

    check()
    assert sum(passed) > 20


def test_any_facts_are_checked_and_what_passes_is_evaluated(qz: Pack) -> None:
    @QUICK
    @given(facts(shapes_of(qz), wild=True) | st.dictionaries(texts, json_values) | json_values)
    def check(sent: Any) -> None:
        if not check_facts(qz, "qz20-patent", sent):
            evaluate(qz, category="qz20-patent", as_of="2020-06-01T09:00:00Z", facts=sent).as_dict()

    check()


def test_any_request_is_answered_or_refused(qz: Pack) -> None:
    readings = st.sampled_from(sorted(qz.interpretations))
    some = words | days | instants | json_values
    requests = st.fixed_dictionaries(
        {
            "guide": st.just(qz.id) | json_values,
            "category": st.sampled_from([leaf.id for leaf in qz.leaves]),
            "as_of": instants | json_values,
            "facts": facts(shapes_of(qz), wild=True) | facts(shapes_of(qz), wild=False),
        },
        optional={
            "stage": st.sampled_from([str(stage) for stage in Stage]) | json_values,
            "interpretations": st.dictionaries(readings | texts, some, max_size=3) | json_values,
            "unavailable": st.lists(st.sampled_from(SENT) | texts | st.just("patent.*"), max_size=3),
            "lang": st.sampled_from(["zh", "en"]),
        },
    )

    @QUICK
    @given(requests)
    def check(body: dict[str, Any]) -> None:
        try:
            request = Request.model_validate(body)
        except ValidationError:
            return
        if not check_request(qz, request):
            answer(qz, request).as_dict()

    check()


@pytest.mark.parametrize("depth", [3, 900])
def test_depth_and_size_do_not_matter(qz: Pack, depth: int) -> None:
    deep: Any = "x"
    for _ in range(depth):
        deep = {"a": [deep]}
    for name in ("applicant", "applicant.type", "patent.owners", "patent.cert", "moon"):
        assert check_facts(qz, "qz20-rd", {name: deep})
    assert len(check_facts(qz, "qz20-rd", {"x" * 10**6: 1})[0].reason) < 120
    assert check_facts(qz, "qz20-rd", {"applicant.type": "x" * 10**6})
    assert check_facts(qz, "qz20-rd", {"person.lead_count": 10**5000})
