"""The applicants' and recommending units' side of the story."""

from base64 import urlsafe_b64decode
from typing import Any

from cli.demo import papers
from cli.demo.cast import Cast
from cli.demo.graphql import Person

FINDINGS = (
    "findings { rule outcome effect strength due message remedy missing "
    "clause { document section lines text { zh } } }"
)
_APPLICATION = "application { id state revision }"
_PERIOD = {"project.start": "2020-09-01", "project.end": "2021-08-31"}


def raw_id(global_id: str) -> str:
    """The id behind a Relay global id (base64 of `Type:id`)."""
    padded = global_id + "=" * (-len(global_id) % 4)
    return urlsafe_b64decode(padded).decode().partition(":")[2]


def person_id(person: Person) -> str:
    """Global id of the signed-in person."""
    return str(person.ask("{ viewer { person { id } } }")["viewer"]["person"]["id"])


def complete_profile(person: Person, unit: dict[str, Any], unit_id: str) -> None:
    """Fill in the unit's base information, as the portal asks before anything else."""
    state_profile(person, unit_id, {"applicant.rd_spend_2019": unit["rd"], "applicant.in_enclave": False})


def state_profile(person: Person, unit_id: str, profile: dict[str, Any]) -> None:
    """State facts of the unit's profile."""
    found = person.ask("query($id: ID!) { unit(id: $id) { id revision } }", id=unit_id)["unit"]
    person.do(
        "completeUnitProfile",
        "unit { revision profileComplete missing }",
        unitId=unit_id,
        expectedRevision=found["revision"],
        profile=profile,
    )


def draft(person: Person, cast: Cast, play: dict[str, Any], unit_id: str) -> dict[str, Any]:
    """Create the application, name leader and team, fill in the form; the application as answered."""
    created, members = begin(person, cast, play, unit_id)
    return fill(person, created, members, form(play))


def begin(person: Person, cast: Cast, play: dict[str, Any], unit_id: str) -> tuple[dict[str, Any], list[str]]:
    """Create the application and the members of its team; it as answered, and their global ids."""
    created = person.do(
        "createApplication",
        _APPLICATION,
        guide=cast.guide,
        category=play["category"],
        unitId=unit_id,
        title=play["title"],
    )["application"]
    members = [
        person.do("createPerson", "person { id }", unitId=unit_id, name=name)["person"]["id"]
        for name in play["members"]
    ]
    return created, members


def fill(
    person: Person, application: dict[str, Any], members: list[str], answers: dict[str, Any]
) -> dict[str, Any]:
    """Name leader and team, fill in the form; the application as answered."""
    updated: dict[str, Any] = person.do(
        "updateApplication",
        _APPLICATION,
        applicationId=application["id"],
        expectedRevision=application["revision"],
        leaderId=person_id(person),
        members=[{"personId": one, "role": "main"} for one in members],
        form=answers,
    )["application"]
    return updated


def form(play: dict[str, Any]) -> dict[str, Any]:
    """The answers that the category's form asks for; money in yuan."""
    answers: dict[str, Any] = {
        "project.identity": play["title"],
        "project.topic": play["topic"],
        "budget.rd_total": play["rd_total"],
        "commitment.truth_declared": True,
    }
    if "patent" in play:
        answers |= _PERIOD | {
            "patent.core_technology_link": f"{play['title']}的核心工序由该专利的权利要求一至三覆盖。",
            "patent.no_dispute_declared": True,
            "patent.never_listed_declared": True,
            "project.first_time_declared": True,
            "target.sales_income": 6_000_000,
        }
    return answers


def attach(person: Person, application_id: str, play: dict[str, Any], unit: dict[str, Any]) -> None:
    """Make the papers of an application and upload them."""
    signed = {"commitment.unit_signed": True, "commitment.applicant_signed": True}
    files: list[tuple[str, str, str, bytes, dict[str, Any]]] = [
        ("QZ-D02", "可行性报告.pdf", papers.PDF, papers.feasibility(play["title"]), {}),
        ("QZ-D03", "经费预算.docx", papers.DOCX, papers.budget(play["title"], play["rd_total"]), {}),
        ("QZ-D05", "承诺书.pdf", papers.PDF, papers.commitment(unit["name"], play["leader"]), signed),
        ("QZ-D07", "研发投入证明.pdf", papers.PDF, papers.rd_proof(unit["name"], unit["rd"]), {}),
    ]
    if "patent" in play:
        number = play["patent"]["number"]
        certificate = papers.patent_certificate(number, unit["name"])
        files.append(("QZ-D06", "专利证书.pdf", papers.PDF, certificate, {"patent.number": number}))
    for material, name, media_type, content, attributes in files:
        send(person, application_id, material, name, media_type, content, attributes)


def send(
    person: Person,
    application_id: str,
    material: str,
    name: str,
    media_type: str,
    content: bytes,
    attributes: dict[str, Any],
) -> None:
    """Upload one file: a ticket by GraphQL, the body by HTTP."""
    ticket = person.do(
        "createUploadTicket",
        "upload { path header ticket }",
        applicationId=application_id,
        material=material,
        filename=name,
        contentType=media_type,
        size=len(content),
        attributes=attributes,
    )["upload"]
    person.upload(ticket, content, media_type)


def precheck(person: Person, application_id: str) -> dict[str, Any]:
    """What the guide says of the draft as it stands."""
    query = f"query($id: ID!) {{ precheck(applicationId: $id) {{ eligible {FINDINGS} }} }}"
    found: dict[str, Any] = person.ask(query, id=application_id)["precheck"]
    return found


def submit(person: Person, application: dict[str, Any], attempt: int = 1) -> dict[str, Any]:
    """File the application; the payload with attempt, receipt and findings.

    Args:
        attempt: 2 for another attempt after a refusal; the same number is the same attempt.
    """
    key = f"submit-{application['id']}"
    return person.do(
        "submitApplication",
        f"eligible attempt {{ state receivedAt }} receipt {{ manifestSha256 packVersion }} "
        f"application {{ id state }} {FINDINGS}",
        applicationId=application["id"],
        expectedRevision=application["revision"],
        idempotencyKey=key if attempt == 1 else f"{key}-{attempt}",
    )


def recommend(person: Person, application_id: str) -> dict[str, Any]:
    """Initial review, the sealed form, and the recommendation that takes a place."""
    person.do("initialReview", _APPLICATION, applicationId=application_id, decision="approved")
    return person.do(
        "recommend",
        f"recommendation {{ state rowKey }} application {{ id state }} {FINDINGS}",
        applicationId=application_id,
        idempotencyKey=f"recommend-{application_id}",
    )


def seal(person: Person, application_id: str, unit_name: str, row: tuple[str, ...]) -> None:
    """Upload the recommending unit's form with seal and date."""
    content = papers.recommendation_form(unit_name, [row])
    send(person, application_id, "QZ-D08", "推荐表.docx", papers.DOCX, content, {})
