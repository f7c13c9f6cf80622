"""The papers of a season's application, with a name left where it must not stand when the case says so."""

import io
from typing import Any

import docx

from cli.demo import papers
from cli.demo.season.roster import Entry, budget, rd_spend

Paper = tuple[str, str, str, bytes, dict[str, Any]]
"""Material, file name, media type, content, attributes."""


def papers_of(entry: Entry) -> list[Paper]:
    """What the applicant uploads."""
    unit, case = entry.unit["name"], entry.case
    signed = {"commitment.unit_signed": case.step != "unsigned", "commitment.applicant_signed": True}
    spend = rd_spend(entry) or 0
    made: list[Paper] = [
        ("QZ-D02", _report_name(entry), papers.PDF, _report(entry), {}),
        ("QZ-D03", "经费预算.docx", papers.DOCX, _budget(entry), {}),
        ("QZ-D05", "承诺书.pdf", papers.PDF, papers.commitment(unit, entry.leader), signed),
        ("QZ-D07", "研发投入证明.pdf", papers.PDF, papers.rd_proof(unit, spend), {}),
    ]
    if entry.patent is not None:
        number = entry.patent["number"]
        certificate = papers.patent_certificate(number, unit)
        made.append(("QZ-D06", "专利证书.pdf", papers.PDF, certificate, {"patent.number": number}))
    return [paper for paper in made if paper[0] not in case.without]


def recommendation_form(entry: Entry, recommender: str) -> Paper:
    """推荐表 with the line of this application."""
    row = ("1", entry.title, entry.unit["name"], entry.leader, entry.case.category)
    return ("QZ-D08", "推荐表.docx", papers.DOCX, papers.recommendation_form(recommender, [row]), {})


def _report_name(entry: Entry) -> str:
    if entry.case.leak == "file":
        return f"{entry.unit['short_names'][0]}可行性报告.pdf"
    return "可行性报告.pdf"


def _report(entry: Entry) -> bytes:
    told = {
        "text_unit": f"本项目由{entry.unit['name']}承担，具备相应条件。",
        "text_leader": f"项目由{entry.leader}主持，团队长期从事该方向。",
    }.get(entry.case.leak or "")
    if told is None:
        return papers.feasibility(entry.title)
    return papers.pdf(f"{entry.title}·可行性报告", ["一、立项依据。现有工艺能耗高，下游需求明确。", told])


def _budget(entry: Entry) -> bytes:
    content = papers.budget(entry.title, budget(entry))
    leak = entry.case.leak
    if leak not in ("text_short", "header", "author"):
        return content
    document = docx.Document(io.BytesIO(content))
    short = entry.unit["short_names"][0]
    if leak == "text_short":
        document.add_paragraph(f"设备由{short}现有中试线改造，不另列支。")
    elif leak == "header":
        document.sections[0].header.paragraphs[0].text = f"{entry.unit['name']} 内部资料"
    else:
        document.core_properties.author = entry.leader
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()
