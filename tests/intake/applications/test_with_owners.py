"""Intake with the real eligibility, documents and quota: from publishing to a receipt and a download."""

import io
import zipfile
from typing import Any

from tests.intake.factories import Cast, make_cast, pack, pack_text
from tests.intake.house import House

from common.db import ALL_CITIES
from common.jobs import JobContext
from common.testing import http
from documents.work import extract_text

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


PARTS = {
    "[Content_Types].xml": '<Types xmlns="urn:types"><Override PartName="/word/document.xml" '
    f'ContentType="{DOCX}.main+xml"/></Types>',
    "word/document.xml": '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
    "<w:body><w:p><w:r><w:t>TEXT</w:t></w:r></w:p></w:body></w:document>",
}


def make_docx(text: str) -> bytes:
    """A Word file with one line."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, part in PARTS.items():
            archive.writestr(zipfile.ZipInfo(name), part.replace("TEXT", text))
    return out.getvalue()


async def upload(house: House, cast: Cast, material: str, content: bytes, **attributes: Any) -> str:
    path = f"/v1/applications/{cast.application.id}/upload-tickets"
    body = {
        "material": material,
        "filename": f"{material}.docx",
        "content_type": DOCX,
        "size": len(content),
        "attributes": attributes,
    }
    async with http(house.apps["intake"], cast.applicant) as client:
        permitted = await client.post(path, json=body)
        assert permitted.status_code == 201, permitted.text
    async with http(house.apps["documents"], cast.applicant) as client:
        headers = {"Upload-Ticket": permitted.json()["ticket"]}
        stored = await client.post("/v1/files", content=content, headers=headers)
        assert stored.status_code == 201, stored.text
    return str(permitted.json()["file_id"])


async def test_from_publishing_to_a_receipt(house: House, business_clock: Any) -> None:
    async with http(house.apps["intake"], caller="operator") as operator:
        staged = await operator.post("/v1/guides", json={"text": pack_text()})
        assert staged.status_code == 201, staged.text
        published = await operator.post(f"/v1/guides/qz-2020/versions/{pack().version}/publish")
        assert published.json()["activated"] is True, published.text
    async with house.databases["intake"].write(ALL_CITIES) as session:
        cast = await make_cast(session, category="qz20-rd")
    report = await upload(house, cast, "QZ-D02", make_docx("可行性报告正文"))
    budget = await upload(house, cast, "QZ-D03", make_docx("经费预算说明"))
    signed = {"commitment.unit_signed": True, "commitment.applicant_signed": True}
    await upload(house, cast, "QZ-D05", make_docx("承诺书"), **signed)
    await upload(house, cast, "QZ-D07", make_docx("研发费用证明"))
    business_clock.at("2020-06-02T09:00:00+08:00")
    await read_texts(house, report, budget)
    async with http(house.apps["intake"], cast.applicant) as client:
        path = f"/v1/applications/{cast.application.id}"
        checked = await client.post(f"{path}/precheck", json={})
        assert checked.status_code == 200, checked.text
        assert checked.json()["decision"]["decision"] == "admit", checked.json()["decision"]
        sent = await client.post(f"{path}/submit", json={"expected_revision": 1})
        assert sent.status_code == 200, sent.text
        body = sent.json()
        assert body["attempt"]["state"] == "admitted", body["assessment"]["decision"]
        assert body["receipt"]["manifest_sha256"]
        ticket = await client.post(f"{path}/download-tickets", json={"file_id": report})
        assert ticket.status_code == 201, ticket.text
    async with http(house.apps["documents"], cast.applicant) as client:
        file = await client.get(ticket.json()["path"], params={"ticket": ticket.json()["ticket"]})
    assert file.content == make_docx("可行性报告正文")
    used = {
        fact["name"]: fact for finding in body["assessment"]["findings"] for fact in finding["facts_used"]
    }
    assert used["quota.used"]["source"] == "quota"
    assert used["blind_bundle.texts"] == used["blind_bundle.texts"] | {"value": [], "source": "documents"}
    assert used["blacklist.listed"]["value"] is False


async def read_texts(house: House, *files: str) -> None:
    """Let documents read blind files, as its worker would."""
    settings = house.apps["documents"].state.settings
    context = JobContext(house.databases["documents"], house.client, settings, 1)
    for file in files:
        await extract_text(context, {"city": "330800", "file_id": file})


async def test_a_name_in_a_blind_file_is_found(house: House, business_clock: Any) -> None:
    async with http(house.apps["intake"], caller="operator") as operator:
        await operator.post("/v1/guides", json={"text": pack_text()})
        await operator.post(f"/v1/guides/qz-2020/versions/{pack().version}/publish")
    async with house.databases["intake"].write(ALL_CITIES) as session:
        cast = await make_cast(session)
    report = await upload(house, cast, "QZ-D02", make_docx(f"由 {cast.unit.name} 承担"))
    business_clock.at("2020-06-02T09:00:00+08:00")
    await read_texts(house, report)
    async with http(house.apps["intake"], cast.applicant) as client:
        checked = (await client.post(f"/v1/applications/{cast.application.id}/precheck", json={})).json()
    (finding,) = [one for one in checked["findings"] if one["rule"] == "QZ-4-7"]
    assert finding["outcome"] == "fail"
    assert finding["effect"] == "fails_formal_review"
