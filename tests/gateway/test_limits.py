"""Documents that ask too much are refused before anything is asked of a service."""

from typing import Any

import pytest
from graphql import parse
from tests.gateway.conftest import Gateway, Make
from tests.gateway.owners import Owners

from common.testing import settings_for
from gateway.graph.errors import DocumentRefused
from gateway.graph.limits import Limits, measure
from gateway.schema import build
from gateway.settings import Settings


async def refused(gateway: Gateway, query: str, **variables: Any) -> str:
    answer = await gateway.ask(query, **variables)
    assert "data" not in answer
    code: str = answer["errors"][0]["extensions"]["code"]
    return code


async def test_depth(make: Make, owners: Owners) -> None:
    gateway: Gateway = await make(max_depth=4)
    deep = "{ applications { nodes { recommendation { application { title } } } } }"
    assert await refused(gateway, deep) == "graphql.too_deep"
    hidden = "{ applications { ...a } } fragment a on ApplicationConnection { nodes { ...b } } "
    hidden += "fragment b on Application { recommendation { application { title } } }"
    assert await refused(gateway, hidden) == "graphql.too_deep"
    assert not owners.intake.calls


async def test_aliases(make: Make) -> None:
    gateway: Gateway = await make(max_aliases=3)
    four = "{ " + " ".join(f"a{n}: __typename" for n in range(4)) + " }"
    assert await refused(gateway, four) == "graphql.too_many_aliases"
    spread = "{ ...f ...f } fragment f on Query { a: __typename b: __typename }"
    assert await refused(gateway, spread) == "graphql.too_many_aliases"


async def test_tokens(make: Make) -> None:
    gateway: Gateway = await make(max_tokens=20)
    answer = await gateway.ask("{ " + "__typename " * 30 + " }")
    assert "data" not in answer
    assert "20 tokens" in answer["errors"][0]["message"]


async def test_a_fragment_that_holds_itself_ends(gateway: Gateway) -> None:
    answer = await gateway.ask("{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }")
    assert "data" not in answer


async def test_fragments_that_double_are_refused(gateway: Gateway) -> None:
    """Each fragment spreads the next one twice: 2^40 fields if it were counted out."""
    chain = "".join(f"fragment f{n} on Query {{ ...f{n + 1} ...f{n + 1} }} " for n in range(40))
    query = "{ ...f0 } " + chain + "fragment f40 on Query { __typename }"
    assert await refused(gateway, query) == "graphql.too_costly"


async def test_pages_are_paid_for_by_their_size(gateway: Gateway) -> None:
    query = """query($n: Int!) { applications(first: $n) { nodes {
        documents { name sha256 material size } assessments { findings { rule clause { text { zh en } }
        factsUsed { name value } } } } } }"""
    assert await refused(gateway, query, n=100) == "graphql.too_costly"
    literal = query.replace("query($n: Int!)", "query").replace("$n", "100")
    assert await refused(gateway, literal) == "graphql.too_costly"
    assert "errors" not in await gateway.ask(query, "x", n=10)


async def test_what_needs_a_request_per_object_is_not_for_pages(gateway: Gateway) -> None:
    for wanted in ("auditTrail { entries { action } }", "checklist { status }"):
        page = "{ applications(first: 20) { nodes { " + wanted + " } } }"
        assert await refused(gateway, page) == "graphql.too_costly"
        assert "errors" not in await gateway.ask(page.replace("20", "2"), "x")


LIMITS = Limits(depth=20, aliases=10, cost=100_000)


@pytest.mark.parametrize(
    ("query", "cost"),
    [
        ("{ __typename }", 1),
        ("{ serverTime { business system } }", 3),
        ("{ calls(first: 3) { nodes { key year } } }", 1 + 3 + 2 * 3),
        ("{ calls(first: 3) { pageInfo { endCursor } } }", 1 + 3 + 3),
        ("{ inbox { action } }", 1 + 50),
        ("{ applications { nodes { id } } }", 1 + 20 + 20),
        ('{ quotaRows(guide: "a") { ledger { nodes { at } } } }', 1 + 5 * 2000 + 5 * 50 + 5 * 50),
        ("query a { __typename } query b { serverTime { business } }", 2),
        ("{ __schema { types { name fields { name } } } }", 0),
        ("{ node(id: 1) { ... on Application { title unit { name } } } }", 4),
    ],
)
def test_the_cost_of_a_document(query: str, cost: int) -> None:
    schema = build(settings_for(Settings))._schema
    assert measure(schema, parse(query), {}, LIMITS) == cost


def test_negative_and_absurd_page_sizes_count_for_something() -> None:
    schema = build(settings_for(Settings))._schema
    query = "query($n: Int) { calls(first: $n) { nodes { key } } }"
    for size in (-5, 0, None, "x"):
        assert measure(schema, parse(query), {"n": size}, LIMITS) >= 3
    with pytest.raises(DocumentRefused):
        measure(schema, parse(query), {"n": 10**9}, LIMITS)
