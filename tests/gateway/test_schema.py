"""The schema as published: the snapshot, descriptions in both languages, words that are the owners' words."""

import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLScalarType,
    is_introspection_type,
    is_specified_scalar_type,
)
from pydantic import BaseModel
from tests.gateway import owners

import guide
from common.auth import Role
from common.ids import new_id
from common.testing import settings_for
from documents.files.schemas import FileOut
from eligibility.assessments.schemas import AssessmentOut
from eligibility.judging.schemas import FindingOut
from gateway.nouns import decisions, words
from gateway.nouns.inbox import STEPS
from gateway.schema import build, print_sdl
from gateway.settings import Settings
from intake.applications import states
from intake.applications.schemas import ApplicationOut
from intake.calls.schemas import CallOut
from intake.people.membership_schemas import MembershipOut
from intake.people.schemas import PersonOut, Resolved, UnitOut
from quota.pools.kinds import EntryKind
from quota.pools.schemas import PoolOut

SNAPSHOT = Path(__file__).resolve().parents[2] / "services/gateway/schema.graphql"
CHINESE, ENGLISH = re.compile(r"[一-鿿]|SHA|JSON"), re.compile(r"\| .*[A-Za-z]{2}")


def ours() -> list[GraphQLNamedType]:
    schema = build(settings_for(Settings))._schema
    return [
        kind
        for kind in schema.type_map.values()
        if not is_introspection_type(kind) and not is_specified_scalar_type(kind)
    ]


def described() -> Iterator[tuple[str, str | None]]:
    for kind in ours():
        yield kind.name, kind.description
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            for name, field in kind.fields.items():
                yield f"{kind.name}.{name}", field.description
                for argument, value in field.args.items():
                    yield f"{kind.name}.{name}({argument})", value.description
        elif isinstance(kind, GraphQLInputObjectType):
            for name, entry in kind.fields.items():
                yield f"{kind.name}.{name}", entry.description
        elif isinstance(kind, GraphQLEnumType):
            for name, value_ in kind.values.items():
                yield f"{kind.name}.{name}", value_.description
        else:
            assert isinstance(kind, GraphQLScalarType)


def test_everything_is_described_in_chinese_and_english() -> None:
    places = dict(described())
    assert len(places) > 600
    bare = [
        place
        for place, text in places.items()
        if text is None or not CHINESE.search(text) or not ENGLISH.search(text)
    ]
    assert bare == []


def test_the_snapshot_is_the_schema() -> None:
    assert SNAPSHOT.read_text(encoding="utf-8") == print_sdl(), "run `make schema` and look at the diff"


def test_commands_take_one_input_and_answer_with_user_errors() -> None:
    mutation = next(kind for kind in ours() if kind.name == "Mutation")
    assert isinstance(mutation, GraphQLObjectType)
    for name, field in mutation.fields.items():
        assert list(field.args) == ["input"], name
        payload = field.type
        assert isinstance(payload, GraphQLObjectType), name
        assert {"errors", "clientMutationId"} <= payload.fields.keys(), name


def test_what_another_owner_answers_may_be_null() -> None:
    """Were they not, one service that is away would take the whole object with it."""
    schema = build(settings_for(Settings))
    application = schema._schema.type_map["Application"]
    assert isinstance(application, GraphQLObjectType)
    for name in ("unit", "leader", "documents", "assessments", "recommendation", "quotaRow", "call", "award"):
        assert not str(application.fields[name].type).endswith("!"), name


@pytest.mark.parametrize(
    ("enum", "published"),
    [
        (words.ApplicationState, states.State),
        (words.AttemptState, states.AttemptState),
        (words.Stage, guide.Stage),
        (words.Verdict, guide.Eligible),
        (words.Outcome, guide.Outcome),
        (words.Effect, guide.Effect),
        (words.Strength, guide.Strength),
        (words.RoleWord, Role),
        (decisions.LedgerKind, EntryKind),
    ],
)
def test_enums_are_the_published_words(enum: Any, published: type[StrEnum]) -> None:
    assert {one.value for one in enum} == {one.value for one in published}


def test_actions_are_those_of_the_transition_table() -> None:
    assert {one.value for one in decisions.Action} == states.ACTIONS.keys()


def test_the_inbox_names_steps_that_the_table_has() -> None:
    table = {(one.source.value, one.action) for one in states.TRANSITIONS}
    for steps in STEPS.values():
        for state, action in steps:
            assert (state.value, action.value) in table


KEY = str(new_id())


@pytest.mark.parametrize(
    ("row", "model"),
    [
        (owners.application(KEY), ApplicationOut),
        (owners.unit(KEY), UnitOut),
        (owners.person(KEY), PersonOut),
        (owners.membership(KEY), MembershipOut),
        (owners.call(), CallOut),
        (owners.known("officer"), Resolved),
        (owners.finding(), FindingOut),
        (owners.assessment(KEY, KEY), AssessmentOut),
        (owners.pool(), PoolOut),
        (owners.file(KEY, KEY), FileOut),
    ],
)
def test_stand_ins_answer_as_the_services_do(row: dict[str, Any], model: type[BaseModel]) -> None:
    required = {name for name, field in model.model_fields.items() if field.is_required()}
    assert required <= row.keys() <= model.model_fields.keys()
    if model is not ApplicationOut:
        model.model_validate(row)
