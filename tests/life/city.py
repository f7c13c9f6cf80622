"""Who acts in a life: a unit's applicants, its recommender, the bureau; and how a draft comes about."""

import io
import zipfile
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import UUID

from tests.intake.factories import CATEGORY, GUIDE, PROFILE, make_actor, make_unit, pack_text
from tests.life.world import World

from common.actor import Actor
from common.db import ALL_CITIES
from common.roles import Role
from guide import load_pack

LIMIT = 2
ROW = "qujiang"
POOL = f"{GUIDE}/{CATEGORY}/{ROW}"
FORM = {"project.topic": "qz20-t-1-1-fluorine", "commitment.truth_declared": True}
SIGNED = {"commitment.unit_signed": True, "commitment.applicant_signed": True}
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_PARTS = {
    "[Content_Types].xml": '<Types xmlns="urn:types"><Override PartName="/word/document.xml" '
    f'ContentType="{DOCX}.main+xml"/></Types>',
    "word/document.xml": '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
    "<w:body><w:p><w:r><w:t>TEXT</w:t></w:r></w:p></w:body></w:document>",
}


@cache
def narrow_pack() -> str:
    """The pack of Quzhou 2020 with two places in the row of Qujiang."""
    five = "{token: qujiang, unit_zh: 衢江区, unit_en: Qujiang district, limit: 5}"
    found = pack_text()
    assert found.count(five) == 1
    return found.replace(five, five.replace("limit: 5", f"limit: {LIMIT}")).replace("total: 90", "total: 87")


@cache
def version() -> str:
    return load_pack(narrow_pack()).version


@cache
def docx(words: str) -> bytes:
    """A Word file with one line."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, part in _PARTS.items():
            archive.writestr(zipfile.ZipInfo(name), part.replace("TEXT", words))
    return out.getvalue()


@dataclass
class Life:
    """One application and who acts for it; `complete`: all papers were there when it was drafted."""

    id: UUID
    applicant: Actor
    complete: bool


@dataclass
class City:
    """Everybody who has to do with the call, and the applications so far."""

    world: World
    recommender: Actor
    officer: Actor
    head: Actor
    citizen: Actor
    experts: list[Actor]
    above: Any
    lives: list[Life] = field(default_factory=list)

    async def draft(self, complete: bool = True) -> Life:
        """A unit of its own drafts an application and uploads its papers, all or all but one."""
        async with self.world.databases["intake"].write(ALL_CITIES) as session:
            unit = await make_unit(session, recommending_unit_id=self.above.id, profile=dict(PROFILE))
            applicant = await make_actor(session, Role.applicant, unit=unit)
        async with self.world.by(applicant) as client:
            title = f"含氟材料研发{unit.name[-8:]}"
            wanted = {"guide": GUIDE, "category": CATEGORY, "unit_id": str(unit.id), "title": title}
            created = await client.post("/v1/applications", json=wanted)
            assert created.status_code == 201, created.text
            path = f"/v1/applications/{created.json()['id']}"
            leader = str(applicant.person_id)
            team = {"leader_id": leader, "members": [{"person_id": leader, "role": "leader"}]}
            filled = await client.patch(path, json={"form": FORM, **team}, headers={"If-Match": '"1"'})
            assert filled.status_code == 200, filled.text
        life = Life(UUID(created.json()["id"]), applicant, complete)
        for material, attributes in (("QZ-D02", {}), ("QZ-D05", SIGNED), ("QZ-D07", {}), ("QZ-D03", {})):
            if complete or material != "QZ-D03":
                await self.upload(life.applicant, life.id, material, attributes)
        self.lives.append(life)
        return life

    async def upload(self, actor: Actor, application_id: UUID, material: str, attributes: Any = None) -> None:
        content = docx(f"{material} 正文")
        wanted = {
            "material": material,
            "filename": f"{material}.docx",
            "content_type": DOCX,
            "size": len(content),
            "attributes": attributes or {},
        }
        async with self.world.by(actor) as client:
            permitted = await client.post(f"/v1/applications/{application_id}/upload-tickets", json=wanted)
            assert permitted.status_code == 201, permitted.text
        async with self.world.by(actor, "documents") as client:
            headers = {"Upload-Ticket": permitted.json()["ticket"]}
            stored = await client.post("/v1/files", content=content, headers=headers)
            assert stored.status_code == 201, stored.text


async def publish(world: World) -> None:
    """Put the guide in force."""
    async with world.by(None, caller="operator") as client:
        staged = await client.post("/v1/guides", json={"text": narrow_pack()})
        assert staged.status_code in (200, 201), staged.text
        published = await client.post(f"/v1/guides/{GUIDE}/versions/{version()}/publish")
        assert published.json()["activated"] is True, published.text


async def founded(world: World) -> City:
    """A city whose guide is published, with its people."""
    async with world.databases["intake"].write(ALL_CITIES) as session:
        above = await make_unit(session, type="government", name="试作区科技局")
        return City(
            world,
            recommender=await make_actor(session, Role.recommender, unit=above, login_kind="legal_person"),
            officer=await make_actor(session, Role.officer),
            head=await make_actor(session, Role.bureau_head),
            citizen=await make_actor(session, Role.applicant, unit=above),
            experts=[await make_actor(session, Role.expert) for _ in range(2)],
            above=above,
        )
