"""Eligibility, documents and quota as intake sees them: small apps that answer by the contract.

Eligibility judges with the real `libs/guide`; registers are made up. Each keeps what it was asked.
"""

import asyncio
import hashlib
from typing import Any

from fastapi import FastAPI, HTTPException, Request
from starlette.types import ASGIApp
from tests.intake.factories import pack

from common.inprocess import InProcessClient
from common.testing import settings_for
from guide import Provenance, decide, evaluate, nest
from intake.settings import Settings

SHA = "0" * 64
REGISTERS = {
    "blacklist.listed": False,
    "blacklist.checked_at": "2020-06-01T00:00:00+08:00",
    "person.lead_count": 0,
    "person.member_count": 0,
    "applicant.unaccepted_subsidised_count": 0,
    "project.prior_establishment_count": 0,
}
FILE = {"sha256": SHA, "at": "2020-05-30T09:00:00+08:00"}
PAPERS: dict[str, Any] = {
    "applicant.rd_spend_proof": FILE,
    "commitment.file": FILE,
    "commitment.unit_signed": True,
    "commitment.applicant_signed": True,
    "blind_bundle.texts": [],
    "blind_bundle.metadata": [],
}


class Owners:
    """The three other services. `down` names those that are away; `hang` makes one wait for ever."""

    def __init__(self) -> None:
        self.down: set[str] = set()
        self.hang: set[str] = set()
        self.refuse: dict[str, int] = {}
        self.registers = dict(REGISTERS)
        self.pack = pack()
        # nested facts that eligibility goes by, whatever it is told; None: what it is told, and registers
        self.facts: dict[str, Any] | None = None
        self.papers = dict(PAPERS)
        self.report = "present"
        self.pending: list[str] = []
        self.files: list[dict[str, Any]] = []
        self.bundle_files: list[dict[str, Any]] = []
        self.asked: list[tuple[str, str, dict[str, Any]]] = []
        self.assessments: dict[str, dict[str, Any]] = {}
        self.bundles: dict[str, dict[str, Any]] = {}
        self.reached = asyncio.Event()
        self.gate: asyncio.Event | None = None
        self._apps = {name: self._app(name) for name in ("eligibility", "documents", "quota")}
        self.client = InProcessClient(settings_for(Settings), self._find)

    def _find(self, name: str) -> ASGIApp | None:
        return None if name in self.down else self._apps[name]

    def questions(self, service: str, path: str) -> list[dict[str, Any]]:
        """The bodies that a service was sent on a path."""
        return [body for name, at, body in self.asked if (name, at) == (service, path)]

    def _app(self, name: str) -> FastAPI:
        app = FastAPI()
        answers = {"eligibility": self._eligibility, "documents": self._documents, "quota": self._quota}

        @app.api_route("/{path:path}", methods=["GET", "POST", "PUT"])
        async def everything(path: str, request: Request) -> Any:
            body = await request.json() if await request.body() else {}
            self.asked.append((name, f"/{path}", body))
            self.reached.set()
            if name in self.hang:
                await asyncio.Event().wait()
            if self.gate is not None:
                await self.gate.wait()
            if name in self.refuse:
                raise HTTPException(self.refuse[name])
            return answers[name](f"/{path}", body)

        return app

    def _eligibility(self, path: str, body: dict[str, Any]) -> Any:
        if path == "/v1/assessments":
            return self.assessments.setdefault(body["id"], self._judge(body))
        if path == "/v1/prechecks":
            facts = [{"name": "", "value": None}]
            return self._judge({**body, "facts": facts, "nested": body["facts"]})
        return {}

    def _judge(self, body: dict[str, Any]) -> dict[str, Any]:
        stated = {fact["name"]: fact["value"] for fact in body["facts"] if fact["name"]}
        facts = self.facts or body.get("nested") or nest(stated | self.registers)
        found = evaluate(
            self.pack,
            category=body["category"],
            stage=body["stage"],
            as_of=body["as_of"],
            facts=facts,
            unavailable=body["unavailable"],
            provenance={fact["name"]: Provenance(fact.get("source", "")) for fact in body["facts"]},
        )
        decision = decide(self.pack, body["stage"], found)
        return {
            **found.as_dict(),
            "id": body.get("id"),
            "application_id": body.get("application_id"),
            "stage": body["stage"],
            "decision": decision.as_dict(),
        }

    def _documents(self, path: str, body: dict[str, Any]) -> Any:
        facts = [
            {"name": name, "value": value, "source": "documents", "at": "2020-05-30T09:00:00+08:00"}
            for name, value in self.papers.items()
        ]
        line = {
            "material": "QZ-D02",
            "name_zh": "项目可行性报告",
            "name_en": "feasibility report",
            "required": True,
            "bundle": "blind",
            "status": self.report,
            "files": [],
        }
        said = {"facts": facts, "checklist": [line], "pending": self.pending}
        if path == "/v1/bundles":
            sealed = {
                "id": body["id"],
                "as_of": body["as_of"],
                "files": self.bundle_files,
                "manifest_sha256": hashlib.sha256(str(body["id"]).encode()).hexdigest(),
            }
            return {**self.bundles.setdefault(body["id"], sealed), **said}
        if path == "/v1/facts":
            return said
        if path == "/v1/files/batch":
            return {"items": [file for file in self.files if file["id"] in body["ids"]]}
        if path == "/v1/bundles/batch":
            return {"items": [one for key, one in self.bundles.items() if key in body["ids"]]}
        return {}

    def _quota(self, path: str, body: dict[str, Any]) -> Any:
        if path == "/v1/pools/batch":
            return {"items": [{"key": key, "limit": 5, "used": 1, "left": 4} for key in body["keys"]]}
        return {}
