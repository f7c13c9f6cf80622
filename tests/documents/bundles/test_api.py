"""Facts and checklist of an application, and bundles sealed for good."""

import hashlib
import json
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from common.clock import parse_instant
from common.db import cities
from common.ids import new_id
from common.roles import Role
from common.testing import actor, http
from documents.files import service as files
from guide import load_pack

AT = "2020-06-28T17:00:00+08:00"
UNIT, LEADER = "衢州星河精密机械有限公司", "欧阳明哲"
PACK = Path(__file__).parents[3] / "deploy" / "guides" / "qz-2020.yaml"


async def _read_texts(service: Any, *answers: Any) -> None:
    for answer in answers:
        assert answer.status_code == 201, answer.text
        file_id = UUID(answer.json()["id"])
        await files.read_text(service.db, service.settings, "330800", file_id)


async def _facts(service: Any, version: str, **changes: Any) -> dict[str, Any]:
    answer = await service.intake.post("/v1/facts", json=service.question(version, **changes))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found | {"by_name": {fact["name"]: fact for fact in found["facts"]}}


async def _seal(service: Any, version: str, **changes: Any) -> Any:
    body = {"id": str(new_id()), **service.question(version), **changes}
    return await service.intake.post("/v1/bundles", json=body)


async def test_file_facts_and_stated_attributes(
    service: Any, make: SimpleNamespace, business_clock: Any
) -> None:
    version = await service.stage()
    business_clock.at(AT)
    paper = {"material": "QZ-D05", "bundle": "identity"}
    await service.put(make.pdf("旧"), "承诺书.pdf", **paper, attributes={"commitment.unit_signed": False})
    business_clock.at("2020-06-28T17:00:01+08:00")
    content = make.pdf("新")
    stated = {
        "commitment.unit_signed": True,
        "commitment.applicant_signed": None,
        "blacklist.listed": False,
        "patent.number": "ZL1",
    }
    assert (await _facts(service, version))["by_name"]["commitment.unit_signed"]["value"] is False
    await service.put(content, "承诺书（签字）.pdf", **paper, attributes=stated)
    found = (await _facts(service, version))["by_name"]
    assert found["commitment.file"] == {
        "name": "commitment.file",
        "value": {
            "sha256": hashlib.sha256(content).hexdigest(),
            "at": "2020-06-28T09:00:01+00:00",
            "name": "承诺书（签字）.pdf",
        },
        "source": "documents",
        "at": "2020-06-28T09:00:01Z",
    }
    assert found["commitment.unit_signed"]["value"] is True
    assert "commitment.applicant_signed" not in found  # null: not stated
    assert not {"blacklist.listed", "patent.number"} & found.keys()  # this material does not give them


async def test_a_paper_that_holds_a_certificate_is_that_certificate(
    service: Any, make: SimpleNamespace
) -> None:
    """A material may give a fact that is a file; `true` among its attributes says that it is this one."""
    text = PACK.read_text().replace(
        "gives: [patent.number]", "gives: [patent.number, applicant.rd_spend_proof]"
    )
    pack = load_pack(text)
    path = f"/v1/guides/qz-2020/versions/{pack.version}"
    staged = await service.intake.put(path, json={"city": pack.city, "text": text})
    assert staged.status_code == 200, staged.text
    paper = {"material": "QZ-D06", "bundle": "identity", "category": "qz20-patent", "version": pack.version}
    for stated in (True, False, None):
        content = make.pdf(f"证书 {stated}")
        await service.put(content, "证书.pdf", **paper, attributes={"applicant.rd_spend_proof": stated})
        found = (await _facts(service, pack.version, category="qz20-patent"))["by_name"]
        sha256 = hashlib.sha256(content).hexdigest()
        assert found["patent.cert"]["value"]["sha256"] == sha256
        held = found.get("applicant.rd_spend_proof")
        assert (held and held["value"]["sha256"]) == (sha256 if stated else None)


async def test_nobody_states_that_a_file_is_clean(service: Any, make: SimpleNamespace) -> None:
    version = await service.stage()
    attributes = {"blind_bundle.texts": "", "blind_bundle.metadata": ""}
    await _read_texts(service, await service.put(make.pdf(LEADER), attributes=attributes))
    found = (await _facts(service, version))["by_name"]
    assert found["blind_bundle.texts"]["value"] == [f"page 1: …{LEADER}…"]


async def test_the_checklist(service: Any, make: SimpleNamespace) -> None:
    version = await service.stage()
    report = (await service.put(make.docx(), "报告.docx")).json()["id"]
    items = {item["material"]: item for item in (await _facts(service, version))["checklist"]}
    assert (items["QZ-D02"]["status"], items["QZ-D02"]["files"]) == ("present", [report])
    assert (items["QZ-D03"]["status"], items["QZ-D03"]["required"]) == ("missing", True)
    assert items["QZ-D04"]["status"] == "not_required"  # other attachments: none need be there
    assert items["QZ-D08"]["status"] == "not_required"  # the recommender's, and not due yet
    assert "QZ-D06" not in items  # the certificate belongs to the patent category
    assert items["QZ-D05"]["bundle"] == "identity"
    later = await _facts(service, version, stage="recommendation")
    assert {item["material"]: item["status"] for item in later["checklist"]}["QZ-D08"] == "missing"
    patent = await _facts(service, version, category="qz20-patent")
    assert "QZ-D06" in {item["material"] for item in patent["checklist"]}


async def test_one_document_or_several(service: Any, make: SimpleNamespace) -> None:
    version = await service.stage()
    single = [(await service.put(make.pdf(name), f"{name}.pdf")).json()["id"] for name in ("甲", "乙")]
    several = [
        (await service.put(make.pdf(name), f"{name}.pdf", material="QZ-D04")).json()["id"]
        for name in ("甲", "乙", "甲")
    ]
    sealed = (await _seal(service, version)).json()
    assert {file["file_id"] for file in sealed["files"]} == {single[1], *several[1:]}


async def test_pending_until_every_blind_file_is_read(service: Any, make: SimpleNamespace) -> None:
    version = await service.stage()
    first = await service.put(make.pdf(), "a.pdf")
    identity = {"material": "QZ-D05", "bundle": "identity"}
    await service.put(make.pdf(UNIT), "c.pdf", **identity)  # never read, and need not be
    second = await service.put(make.docx(), "b.docx", material="QZ-D04")
    await _read_texts(service, first)
    waiting = await _facts(service, version)
    assert waiting["pending"] == ["blind_bundle.texts", "blind_bundle.metadata"]
    assert "blind_bundle.texts" not in waiting["by_name"]
    await _read_texts(service, second)
    done = await _facts(service, version)
    assert done["pending"] == []
    assert done["by_name"]["blind_bundle.texts"]["value"] == []
    assert done["by_name"]["blind_bundle.metadata"]["value"] == []


@pytest.mark.parametrize(
    ("kind", "places", "fact", "snippet"),
    [
        ("docx", {"text": f"由{UNIT}承担"}, "texts", f"word/document.xml: …由{UNIT}承担…"),
        ("docx", {"text": "欧 阳 明 哲"}, "texts", "word/document.xml: …欧 阳 明 哲…"),
        ("docx", {"header": LEADER}, "texts", f"word/header1.xml: …{LEADER}…"),
        ("docx", {"comment": LEADER}, "texts", f"word/comments.xml: …{LEADER}…"),
        ("docx", {"creator": LEADER}, "metadata", f"docProps/core.xml creator: …{LEADER}…"),
        (
            "docx",
            {"creator": "ＱＺ－ＸＨ ＬＴＤ"},
            "metadata",
            "docProps/core.xml creator: …ＱＺ－ＸＨ ＬＴＤ…",
        ),
        ("pdf", {"text": f"负责人{LEADER}教授"}, "texts", f"page 1: …负责人{LEADER}教授…"),
        ("pdf", {"author": LEADER}, "metadata", f"information /Author: …{LEADER}…"),
        ("pdf", {"name": f"{LEADER}.pdf"}, "metadata", f"file name: …{LEADER}.pdf…"),
    ],
)
async def test_where_a_name_is_found(
    service: Any, make: SimpleNamespace, kind: str, places: dict[str, str], fact: str, snippet: str
) -> None:
    version = await service.stage()
    name = places.pop("name", f"a.{kind}")
    await _read_texts(service, await service.put(getattr(make, kind)(**places), name))
    found = await _facts(service, version, names=[UNIT, LEADER, "qz-xh ltd"])
    values = {key: found["by_name"][f"blind_bundle.{key}"]["value"] for key in ("texts", "metadata")}
    other = "metadata" if fact == "texts" else "texts"
    assert values[fact] == [snippet]
    comment_author = [f"word/comments.xml author: …{LEADER}…"] if "comment" in places else []
    assert values[other] == comment_author


async def test_an_unreadable_file_is_never_clean(service: Any, make: SimpleNamespace) -> None:
    version = await service.stage()
    bad = await service.put(make.docx("长" * 100), "a.docx")
    service.settings = service.settings.model_copy(update={"text_max_chars": 10})
    await _read_texts(service, bad)
    found = await _facts(service, version)
    assert (found["pending"], found["unreadable"]) == ([], [bad.json()["id"]])
    assert "blind_bundle.texts" not in found["by_name"]
    without_names = await _facts(service, version, names=[])
    assert "blind_bundle.texts" not in without_names["by_name"]


async def test_a_bundle_is_what_had_come_by_the_instant(
    service: Any, make: SimpleNamespace, business_clock: Any
) -> None:
    version = await service.stage()
    business_clock.at(AT)
    first = (await service.put(make.pdf("第一稿"), "a.pdf")).json()
    other = (await service.put(make.pdf("附件"), "z.pdf", material="QZ-D04")).json()
    micro = (parse_instant(AT) + timedelta(microseconds=1)).isoformat()
    business_clock.at(micro)
    late = (await service.put(make.pdf("迟到的一稿"), "a.pdf")).json()
    answer = await _seal(service, version, as_of=AT)
    assert answer.status_code == 201, answer.text
    sealed = answer.json()
    assert [file["file_id"] for file in sealed["files"]] == [first["id"], other["id"]]
    assert [file["bundle"] for file in sealed["files"]] == ["blind", "blind"]
    assert sealed["manifest_sha256"] == hashlib.sha256(sealed["manifest"].encode()).hexdigest()
    manifest = json.loads(sealed["manifest"])
    assert manifest["files"][0]["sha256"] == first["sha256"]
    canonical = json.dumps(manifest, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert sealed["manifest"] == canonical
    next_answer = (await _seal(service, version, as_of=micro)).json()
    assert [file["file_id"] for file in next_answer["files"]] == [late["id"], other["id"]]


async def test_a_sealed_bundle_never_changes(
    service: Any, make: SimpleNamespace, business_clock: Any
) -> None:
    version = await service.stage()
    business_clock.at(AT)
    upload = await service.put(make.pdf("第一稿"), "a.pdf")
    body = {"id": str(new_id()), **service.question(version, as_of=AT)}
    first = await service.intake.post("/v1/bundles", json=body)
    assert first.json()["pending"] == ["blind_bundle.texts", "blind_bundle.metadata"]
    await service.put(make.pdf("第二稿"), "a.pdf")  # at the same frozen instant, yet after the seal
    await service.put(make.pdf("别的"), "c.pdf", material="QZ-D03")
    await _read_texts(service, upload)
    again = await service.intake.post("/v1/bundles", json=body)
    assert (first.status_code, again.status_code) == (201, 200)
    for key in ("manifest", "manifest_sha256", "files", "as_of", "sealed_at"):
        assert again.json()[key] == first.json()[key]
    assert again.json()["pending"] == []  # what the files say is told anew
    assert {item["material"]: item["files"] for item in again.json()["checklist"]}["QZ-D03"] == []
    batch = await service.gateway.post("/v1/bundles/batch", json={"ids": [body["id"], str(new_id())]})
    assert [item["manifest_sha256"] for item in batch.json()["items"]] == [first.json()["manifest_sha256"]]


@pytest.mark.parametrize(
    "changes",
    [
        {"application_id": "0198c0de-0000-7000-8000-000000000001"},
        {"as_of": "2020-06-28T17:00:00.000001+08:00"},
        {"category": "qz20-patent"},
    ],
)
async def test_an_id_is_sealed_for_one_thing(service: Any, changes: dict[str, Any]) -> None:
    version = await service.stage()
    body = {"id": str(new_id()), **service.question(version, as_of=AT)}
    assert (await service.intake.post("/v1/bundles", json=body)).status_code == 201
    answer = await service.intake.post("/v1/bundles", json=body | changes)
    assert (answer.status_code, answer.json()["code"]) == (409, "documents.bundle_differs")


async def test_experts_see_the_blind_part_of_a_sealed_bundle(service: Any, make: SimpleNamespace) -> None:
    version = await service.stage()
    blind = (await service.put(make.pdf(), "a.pdf")).json()["id"]
    paper = await service.put(make.pdf(), "b.pdf", material="QZ-D05", bundle="identity")
    sealed = (await _seal(service, version)).json()
    after = (await service.put(make.pdf("后来"), "c.pdf", material="QZ-D04")).json()["id"]
    async with http(service.app, actor(Role.expert)) as expert:
        [seen] = (await expert.post("/v1/bundles/batch", json={"ids": [sealed["id"]]})).json()["items"]
    assert [file["file_id"] for file in seen["files"]] == [blind]
    assert seen["manifest"] is None
    claims = {"bundle": "blind", "bundle_id": sealed["id"]}
    assert (await service.get(blind, **claims)).status_code == 200
    for file_id in (paper.json()["id"], after):
        answer = await service.get(file_id, **claims)
        assert (answer.status_code, answer.json()["code"]) == (403, "documents.not_in_bundle")


async def test_the_other_city_sees_and_changes_nothing(service: Any, make: SimpleNamespace) -> None:
    version = await service.stage()
    await service.put(make.pdf(), "a.pdf")
    body = {"id": str(new_id()), **service.question(version)}
    assert (await service.intake.post("/v1/bundles", json=body)).status_code == 201
    async with http(service.app, caller="intake", cities=("430400",)) as other:
        assert (await other.post("/v1/bundles", json=body)).status_code == 403
        assert (await other.post("/v1/facts", json=service.question(version))).status_code == 403
        theirs = service.question(version, city="430400")
        assert (await other.post("/v1/facts", json=theirs)).json()["code"] == "documents.guide_unknown"
        batch = await other.post("/v1/bundles/batch", json={"ids": [body["id"]]})
        assert batch.json() == {"items": []}
    async with service.db.read(cities("430400")) as session:
        assert await files.sealed(session, UUID(body["id"])) == []


async def test_only_intake_seals_and_asks(service: Any) -> None:
    for path in ("/v1/facts", "/v1/bundles"):
        assert (await service.gateway.post(path, json={})).status_code == 403
        async with http(service.app, actor(Role.officer)) as person:
            assert (await person.post(path, json={})).status_code == 403


@pytest.mark.parametrize(
    ("field", "value"),
    [("as_of", "2020-06-28T17:00:00"), ("city", "33"), ("application_id", "x"), ("names", ["x" * 201])],
)
async def test_bad_questions(service: Any, field: str, value: Any) -> None:
    answer = await service.intake.post("/v1/facts", json=service.question("v", **{field: value}))
    assert (answer.status_code, answer.json()["code"]) == (422, "common.invalid")
    assert answer.json()["errors"][0]["pointer"].startswith(f"/{field}")
