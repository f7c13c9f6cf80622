"""The table of routes (routes.yaml), and requests made from it, for rows of a town or for none."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import httpx
import yaml
from tests.strangers import towns
from tests.strangers.forgeries import now
from tests.strangers.routes import GUARDED, Route
from tests.strangers.towns import OBJECTED, REVIEWED, Town
from tests.strangers.world import World

from cli.demo.cast import applicant, read, recommender
from common.actor import Actor
from common.ids import new_id
from common.roles import Role
from common.testing import tokens_of

FILE = Path(__file__).with_name("routes.yaml")
PUBLIC, CITY, ROW = "public", "city", "row"
CATEGORY = "qz20-rd"
# who stands closest to the application under review, and somebody with the same role of another unit
CLOSEST: Final = {
    Role.applicant: f"applicant-{REVIEWED}",
    Role.department_manager: "manager",
    Role.project_leader: "leader",
    Role.recommender: "recommender-kaihua-bureau",
    Role.officer: "officer",
    Role.formal_reviewer: "reviewer",
    Role.expert: "expert-1",
    Role.bureau_head: "head",
    Role.finance: "finance",
    Role.auditor: "auditor",
    Role.guide_administrator: "guides",
    Role.membership_administrator: "people",
    Role.provincial_client: "province",
    Role.portal_client: "portal",
}
_OF_UNIT = (Role.applicant, Role.department_manager, Role.project_leader)


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may call a route, how far they see, and a request that asks for a row.

    `number` is the application of the cast that the row belongs to; `bodies` are for single roles.
    """

    people: frozenset[Role]
    services: frozenset[str]
    sight: str
    body: Any = None
    query: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    ticket: str | None = None
    number: str = REVIEWED
    bodies: dict[str, Any] = field(default_factory=dict)


class Loader(yaml.SafeLoader):
    """YAML in which no key stands twice: a second row would silently win."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value if key.tag != "tag:yaml.org,2002:merge"]
        assert len(set(keys)) == len(keys), [key for key in keys if keys.count(key) > 1]
        return super().construct_mapping(node, deep)


def load(file: Path) -> Any:
    """A table."""
    return yaml.load(file.read_text(encoding="utf-8"), Loader)  # noqa: S506  # a safe loader


def _read() -> dict[tuple[str, str, str], Rule]:
    found = {}
    for service, rows in load(FILE).items():
        if service.startswith("_"):
            continue
        for named, row in rows.items():
            method, _, path = named.partition(" ")
            people = frozenset(Role(one) for one in row.pop("people", ()))
            services = frozenset(row.pop("services", ()))
            found[service, method, path] = Rule(people, services, **row)
    return found


TABLE: Final = _read()
ROUTES: Final = {(route.service, route.method, route.path): route for route in GUARDED}


def rule_of(route: Route) -> Rule:
    """The route's row; without one, nobody may call it."""
    return TABLE.get((route.service, route.method, route.path), Rule(frozenset(), frozenset(), ROW))


Rows = dict[str, Any]


async def rows_of(world: World, town: Town) -> Rows:
    """What stands in a town, by the names that the table uses: the application under review and around it."""
    city, application = town.city, town.applications[REVIEWED]
    of_it: dict[str, Any] = {"application_id": application}
    (row,) = await world.rows("intake.applications", id=application)
    (unit,) = await world.rows("intake.units", id=row["unit_id"])
    expert = await world.login(town, "expert-1")
    free = await world.login(town, "expert-3")
    recommendation = await world.one("intake.recommendations", city, **of_it)
    pool = await world.one("quota.hold_pools", city, "pool_id", subject=recommendation)
    (pool_row,) = await world.rows("quota.pools", id=pool)
    found = {
        "city": city,
        "guide": town.guide,
        "version": town.version,
        "pack": towns.pack_text(city),
        "category": CATEGORY,
        "rule": "QZ-DIR-01",
        "title": row["title"],
        "application_id": application,
        "objected_id": town.applications[OBJECTED],
        "approved_id": town.applications[towns.APPROVED],
        "unit_id": row["unit_id"],
        "above_id": unit["recommending_unit_id"],
        "kind": "csv",
        "register": "hnte",
        "person_id": row["leader_id"],
        "expert_id": free.person_id,
        "attempt_id": row["attempt_id"],
        "bundle_id": row["bundle_id"],
        "file_id": await world.one("documents.files", city, bundle="blind", **of_it),
        "assignment_id": await world.one("intake.assignments", city, expert_id=expert.person_id, **of_it),
        "recommendation_id": recommendation,
        "subject": recommendation,
        "pool_id": pool,
        "pool_key": pool_row["key"],
        "proposal_id": await world.one("intake.proposals", city),
        "notice_id": town.notice,
        "objection_id": town.objection,
        "membership_id": await world.one("intake.memberships", city, person_id=row["leader_id"]),
        "award_id": await world.one("intake.awards", city),
        "subscriber_id": await world.one("intake.subscribers", city),
        "assessment_id": await world.one("eligibility.assessments", city, **of_it),
    }
    for register, entry in towns.ENTRIES.items():
        found[f"{register}_entry"] = entry
        found[f"{register}_correction"] = {**entry, "change_reason": "测试"}
    for register in ("credit_blacklist", "projects_in_progress", "patents", *towns.ENTRIES):
        found[register] = await world.one("eligibility.register_entries", city, "entry_id", register=register)
    return found


def never(rows: Rows) -> Rows:
    """The same names for rows that never were, in a city that never was."""
    words = {
        "city": "999999",
        "guide": "no-such-guide",
        "version": "0" * 64,
        "title": "从未有过",
        "pool_key": "never",
    }
    fresh = {value: new_id() for value in rows.values() if isinstance(value, UUID)}
    made = {
        name: fresh[value] if isinstance(value, UUID) else words.get(name, value)
        for name, value in rows.items()
    }
    return made | {"pack": made["pack"].replace(f"id: {rows['guide']}\n", "id: no-such-guide\n", 1)}


def _filled(template: Any, rows: Rows) -> Any:
    if isinstance(template, dict):
        return {name: _filled(value, rows) for name, value in template.items()}
    if isinstance(template, list):
        return [_filled(value, rows) for value in template]
    if isinstance(template, str) and template.startswith("$"):
        name = template.removeprefix("$")
        value = new_id() if name == "fresh_id" else rows[name]
        return str(value) if isinstance(value, UUID) else value
    return template


async def ask(
    world: World, route: Route, rows: Rows, acting: Actor | None = None, *, caller: str = "gateway"
) -> httpx.Response:
    """The table's request for these rows: for a person, or of a service for itself in the rows' city."""
    rule = rule_of(route)
    register = next((name for name in rows if f"/{name}/" in route.path), None)
    values = rows | ({"entry_id": rows[register]} if register else {})
    request: dict[str, Any] = {"params": _filled(rule.query, rows), "headers": dict(rule.headers)}
    body = rule.body
    if acting is not None:
        body = next((rule.bodies[one.role] for one in acting.grants if one.role in rule.bodies), body)
    if body is not None:
        request["json"] = _filled(body, rows)
    if rule.ticket is not None:
        _add_ticket(rule.ticket, rows, request)
    return await world.call(
        route.service,
        route.method,
        route.at(**values),
        acting,
        caller=caller,
        cities=(rows["city"],),
        **request,
    )


def _add_ticket(kind: str, rows: Rows, request: dict[str, Any]) -> None:
    claims = {
        "aud": "documents",
        "iat": now(),
        "exp": now() + 60,
        "file_id": str(rows["file_id"]),
        "city": rows["city"],
        "by": "somebody",
        "purpose": "own",
    }
    if kind == "download":
        request["params"] = {"ticket": tokens_of("intake").sign(claims)}
        return
    upload = {
        "file_id": str(new_id()),
        "application_id": str(rows["application_id"]),
        "guide": rows["guide"],
        "version": rows["version"],
        "category": CATEGORY,
        "material": "QZ-D02",
        "bundle": "blind",
        "filename": "报告.png",
        "content_type": "image/png",
        "max_bytes": 1000,
    }
    request["headers"]["upload-ticket"] = tokens_of("intake").sign(claims | upload)
    request["content"] = b"no picture"


async def closest(world: World, town: Town, role: Role, number: str = REVIEWED) -> Actor:
    """Somebody of a town with this role, standing as close to an application as the role can."""
    if number != REVIEWED and role in _OF_UNIT:
        return await _of_unit_of(world, town, role, number)
    if number != REVIEWED and role is Role.recommender:
        (above,) = (one["recommender"] for one in read().applications if one["no"] == number)
        return await world.login(town, recommender(above))
    actor = await world.login(town, CLOSEST[role])
    assert actor.has(role, town.city)
    return actor


async def of_another_unit(world: World, town: Town, role: Role, number: str = REVIEWED) -> Actor | None:
    """Somebody with this role in the same city who has nothing to do with an application; None where the
    role's reach is the city."""
    if role is Role.expert:
        return await world.login(town, "expert-3")
    if role is not Role.recommender and role not in _OF_UNIT:
        return None
    return await closest(world, town, role, towns.APPROVED if number != towns.APPROVED else REVIEWED)


async def _of_unit_of(world: World, town: Town, role: Role, number: str) -> Actor:
    """The applicant of an application, with another role for the same unit."""
    known = await world.login(town, applicant({"no": number}))
    grants = tuple(replace(one, role=role) for one in known.grants)
    return replace(known, grants=grants)
