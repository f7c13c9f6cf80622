"""Stand-ins for the services that the gateway asks: they verify its tokens and answer by the contract."""

import re
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response

from common.actor import Actor
from common.errors import DomainError, NotFound
from common.problems import domain
from common.testing import tokens_of
from guide import load_pack

ROOT = Path(__file__).resolve().parents[2]
CITY, GUIDE, MAJOR = "330800", "qz-2020", "qz20-major"
Answer = Callable[..., Any]
Row = dict[str, Any]


@cache
def pack_text() -> str:
    return (ROOT / "deploy/guides/qz-2020.yaml").read_text(encoding="utf-8")


@cache
def pack_version() -> str:
    return load_pack(pack_text()).version


class Owner:
    """One service. `answers` maps (method, path pattern) to a function of (body, actor, *groups)."""

    def __init__(self, name: str) -> None:
        self.name, self.calls, self.bodies = name, Counter[str](), list[tuple[str, Any]]()
        self.actors: list[Actor] = []
        self.headers: list[dict[str, str]] = []
        self.answers: list[tuple[str, re.Pattern[str], Answer]] = []
        self.down = False
        self._tokens = tokens_of(name)
        self.app = FastAPI()
        self.app.exception_handler(DomainError)(domain)
        self.app.add_api_route("/{path:path}", self._handle, methods=["GET", "POST", "PATCH", "PUT"])

    def on(self, method: str, pattern: str, answer: Answer) -> None:
        """Later registrations win."""
        self.answers.insert(0, (method, re.compile(pattern + r"\Z"), answer))

    async def _handle(self, request: Request) -> Response:
        route = f"{request.method} {request.url.path}"
        actor = self._tokens.verify(request.headers["authorization"].removeprefix("Bearer "))
        self.calls[route] += 1
        self.actors.append(actor)
        self.headers.append(dict(request.headers))
        if self.down:
            return Response(status_code=500)
        raw = await request.body()
        body = orjson.loads(raw) if raw else dict(request.query_params)
        self.bodies.append((route, body))
        for method, pattern, answer in self.answers:
            found = pattern.match(request.url.path)
            if method == request.method and found:
                content = answer(body, actor, *found.groups())
                return Response(orjson.dumps(content), media_type="application/json")
        raise NotFound


def by_ids(rows: dict[str, Row], field: str = "ids", key: str = "id") -> Answer:
    """A batch read over these rows."""

    def answer(body: Row, _actor: Actor) -> Row:
        return {"items": [rows[one] for one in body[field] if one in rows]}

    return answer


class Owners:
    """The four services, empty but for the Quzhou guide."""

    def __init__(self) -> None:
        self.intake, self.eligibility, self.quota, self.documents = (
            Owner(name) for name in ("intake", "eligibility", "quota", "documents")
        )
        self.people: dict[str, Row] = {}
        self.calls = {GUIDE: call()}
        self.units: dict[str, Row] = {}
        self.persons: dict[str, Row] = {}
        self.applications: dict[str, Row] = {}
        on = self.intake.on
        on("POST", "/v1/memberships/resolve", lambda body, _actor: self.people.get(body["subject"], NOBODY))
        on("GET", "/v1/calls", lambda _body, _actor: {"items": list(self.calls.values())})
        on("POST", "/v1/calls/batch", by_ids(self.calls))
        on("GET", "/v1/guides/([^/]+)/versions/([^/]+)", self._guide)
        on("POST", "/v1/units/batch", by_ids(self.units))
        on("POST", "/v1/people/batch", by_ids(self.persons))
        on("POST", "/v1/applications/batch", by_ids(self.applications))
        on("POST", "/v1/applications/search", self._search)
        for owner in self.all():
            owner.on("GET", "/v1/audit", lambda _body, _actor: {"items": []})

    def all(self) -> tuple[Owner, ...]:
        return self.intake, self.eligibility, self.quota, self.documents

    def app(self, name: str) -> FastAPI:
        app: FastAPI = getattr(self, name).app
        return app

    def counted(self) -> dict[str, int]:
        """Calls by service and route since the last time."""
        found = {f"{owner.name} {route}": n for owner in self.all() for route, n in owner.calls.items()}
        for owner in self.all():
            owner.calls.clear()
        return found

    def _guide(self, _body: Row, _actor: Actor, guide: str, version: str) -> Row:
        if (guide, version) != (GUIDE, pack_version()):
            raise NotFound
        return {"guide": guide, "version": version, "text": pack_text()}

    def _search(self, body: Row, _actor: Actor) -> Row:
        rows = [
            row
            for row in self.applications.values()
            if body.get("states") is None or row["state"] in body["states"]
        ]
        begin = int(body.get("after") or 0)
        end = begin + body["first"]
        return {"items": rows[begin:end], "next_cursor": str(end) if end < len(rows) else None}


NOBODY: Row = {"person_id": None, "name": None, "grants": [], "login_kind": None, "cities": []}


def known(role: str, *, unit_id: str | None = None, city: str = CITY, person_id: str | None = None) -> Row:
    """A person with one role, as intake resolves it."""
    return {
        "person_id": person_id,
        "name": "测试人员",
        "grants": [{"role": role, "city": city, "unit_id": unit_id}],
        "login_kind": "personal",
        "cities": [city],
    }


def call() -> Row:
    return {
        "id": GUIDE,
        "city": CITY,
        "title_zh": "竞争性项目申报通知",
        "title_en": "Call for competitive projects",
        "year": 2020,
        "issuer": "衢州市科学技术局",
        "open_at": "2020-05-18T00:00:00+08:00",
        "close_at": "2020-06-28T17:00:00+08:00",
        "close_inclusive": True,
        "state": "open",
        "version": pack_version(),
        "window_source": "stated",
        "announcements": [],
    }


def person(key: str, **values: Any) -> Row:
    return {"id": key, "city": CITY, "name": "甲", "unit_id": None, "revision": 1} | values


def membership(key: str, **values: Any) -> Row:
    return {
        "id": key,
        "city": CITY,
        "person_id": key,
        "issuer": "https://issuer.test",
        "subject": "li",
        "role": "officer",
        "unit_id": None,
        "login_kind": "personal",
        "valid_from": None,
        "valid_to": None,
        "state": "in_force",
        "former": [],
        "revision": 1,
        "allowed_actions": [{"action": "end", "allowed": True}],
    } | values


def unit(key: str, **values: Any) -> Row:
    return {
        "id": key,
        "city": CITY,
        "uscc": "91330800TEST000001",
        "name": "样例单位",
        "short_names": [],
        "former_names": [],
        "type": "enterprise",
        "legal_person": True,
        "reg_region": "330800",
        "jurisdiction": "qujiang",
        "industry_class": "C2631",
        "quota_token": "qujiang",
        "recommending_unit_id": None,
        "profile": {},
        "profile_complete": True,
        "missing": [],
        "revision": 1,
    } | values


def application(key: str, **values: Any) -> Row:
    return {
        "id": key,
        "city": CITY,
        "guide": GUIDE,
        "pack_version": None,
        "category": MAJOR,
        "steps": ["submission", "initial_review", "recommendation", "expert_review", "public_notice"],
        "unit_id": None,
        "title": "样例项目",
        "form": {},
        "leader_id": None,
        "members": [],
        "state": "draft",
        "revision": 1,
        "created_by": None,
        "created_at": "2020-06-01T01:00:00Z",
        "updated_at": "2020-06-01T01:00:00Z",
        "received_at": None,
        "attempt_id": None,
        "attempt_open": False,
        "bundle_id": None,
        "assessments": {},
        "pending": False,
        "office": None,
        "recommending_unit_id": None,
        "recommendation_id": None,
        "failure": None,
        "allowed_actions": [],
    } | values


def allowed(action: str, reason: str | None = None) -> Row:
    """One line of allowed_actions."""
    if reason is None:
        return {"action": action, "allowed": True, "reason": None, "reason_zh": None, "reason_en": None}
    return {"action": action, "allowed": False, "reason": reason, "reason_zh": "原因", "reason_en": "why"}


def finding(rule: str = "QZ-3-1", **values: Any) -> Row:
    return {
        "rule": rule,
        "outcome": "fail",
        "effect": "blocks_submission",
        "strength": "hard",
        "due": "submission",
        "part_of": None,
        "clause": {
            "id": "c-1",
            "document": "notice",
            "section": "三",
            "lines": "12",
            "text_zh": "释义",
            "text_en": "paraphrase",
        },
        "message": "研发经费不足",
        "remedy": "还差 1 元",
        "gap": {"fact": "budget.rd_total", "value": 1, "unit": "yuan"},
        "facts_used": [{"name": "budget.rd_total", "value": 2999999, "source": "app", "at": None}],
        "missing": [],
        "interpretation": None,
        "interpretations": [],
    } | values


def assessment(key: str, application_id: str, **values: Any) -> Row:
    return {
        "id": key,
        "application_id": application_id,
        "city": CITY,
        "guide": GUIDE,
        "pack_version": pack_version(),
        "category": MAJOR,
        "stage": "submission",
        "as_of": "2020-06-01T01:00:00Z",
        "eligible": "not_eligible",
        "findings": [finding()],
        "decision": {"decision": "refuse", "rules": ["QZ-3-1"], "missing": [], "freeze": []},
        "unavailable": [],
        "ignored": [],
        "created_at": "2020-06-01T01:00:00Z",
        "again": None,
    } | values


def pool(token: str = "qujiang", **values: Any) -> Row:
    return {
        "id": "01890000-0000-7000-8000-0000000000aa",
        "city": CITY,
        "kind": "place",
        "key": f"{GUIDE}/{MAJOR}/{token}",
        "guide": GUIDE,
        "category": MAJOR,
        "row": f"{MAJOR}/{token}",
        "unit_zh": "衢江区",
        "unit_en": "Qujiang District",
        "limit": 2,
        "used": 1,
        "left": 1,
    } | values


def file(key: str, application_id: str) -> Row:
    return {
        "id": key,
        "application_id": application_id,
        "material": "QZ-D02",
        "bundle": "blind",
        "name": "plan.pdf",
        "version": 1,
        "size": 10,
        "sha256": "0" * 64,
        "content_type": "application/pdf",
        "status": "stored",
        "text": "done",
        "created_at": "2020-06-01T01:00:00Z",
        "attributes": {},
    }
