"""Reports: what an assessment or a precheck said, as one document in Chinese or English.

A report never judges: outcomes, facts and decisions are those that were answered or stored. The pinned pack
is asked once more, with the same facts, only for its words in the report's language.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from common.actor import Actor
from common.db import Database
from common.errors import NotFound
from common.roles import Role
from eligibility.assessments import service as assessments
from eligibility.assessments.models import Assessment
from eligibility.guides import service as guides
from eligibility.guides.packs import Packs
from eligibility.prechecks import service as prechecks
from eligibility.prechecks.schemas import PrecheckIn
from eligibility.reports.changes import since
from eligibility.reports.lines import fact_line, finding_line, name_of
from eligibility.reports.schemas import (
    AgainLine,
    FactLine,
    FindingLine,
    Group,
    GuideLine,
    Named,
    ReportOut,
    StageLine,
)
from eligibility.reports.values import Reader
from eligibility.reports.words import DECISIONS, GROUPS, STAGES, VERDICTS, named
from guide import Finding, Lang, Pack, Stage, evaluate

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Judged:
    """What is reported on: the answer as it was given, and the facts it stands on."""

    category: str
    stage: str
    as_of: datetime
    eligible: str
    decision: Json
    findings: Sequence[Json]
    facts: Sequence[Json]
    unavailable: Sequence[str]
    ignored: Sequence[str] = ()
    interpretations: Json | None = None


async def of_assessment(
    database: Database,
    packs: Packs,
    actor: Actor,
    assessment_id: UUID,
    roles: Sequence[Role],
    lang: Lang | None,
) -> ReportOut:
    """The report on a stored assessment, with how it differs from the one before it.

    Args:
        roles: with one of these in the assessment's city the actor may read it.
        lang: by default the actor's.

    Raises:
        NotFound: no such assessment in the actor's cities.
    """
    async with database.read(actor.cities_as(roles)) as session:
        found = await assessments.by_ids(session, [assessment_id])
        if not found:
            raise NotFound
        of_it = await assessments.by_applications(session, [found[0].application_id])
    taken = found[0]
    earlier = [one for one in of_it if (one.created_at, one.id) < (taken.created_at, taken.id)]
    pack = await guides.pack(database, packs, taken.guide, taken.pack_version, staged_too=True)
    reader = Reader(pack, lang or Lang(actor.lang))
    report = _report(reader, _judged(taken))
    return report.model_copy(
        update={
            "assessment_id": taken.id,
            "application_id": taken.application_id,
            "taken_at": reader.here(taken.created_at),
            "again": AgainLine(**taken.again) if taken.again else None,
            "since": since(reader, earlier[-1], taken) if earlier else None,
        }
    )


async def of_precheck(
    database: Database, packs: Packs, actor: Actor, body: PrecheckIn, lang: Lang | None
) -> ReportOut:
    """The report on a precheck; nothing is stored.

    Args:
        lang: by default the one that the precheck asks for.

    Raises:
        as `prechecks.service.answer`.
    """
    found = await prechecks.answer(database, packs, actor, body)
    pack = await guides.pack(database, packs, body.guide, found.pack_version, staged_too=True)
    facts = [{"name": one.name, "value": one.value, "revision": one.revision} for one in found.facts]
    judged = Judged(
        category=body.category,
        stage=body.stage,
        as_of=body.instant,
        eligible=found.eligible,
        decision=found.decision.as_dict(),
        findings=found.findings,
        facts=facts,
        unavailable=body.unavailable,
        interpretations=body.interpretations,
    )
    return _report(Reader(pack, lang or body.lang), judged)


def _judged(taken: Assessment) -> Judged:
    return Judged(
        category=taken.category,
        stage=taken.stage,
        as_of=taken.as_of,
        eligible=taken.eligible,
        decision=taken.decision,
        findings=taken.findings,
        facts=taken.facts,
        unavailable=taken.unavailable,
        ignored=taken.ignored,
    )


def _report(reader: Reader, judged: Judged) -> ReportOut:
    pack, lang = reader.pack, reader.lang
    call, leaf = pack.call, pack.leaf(judged.category)
    as_of = judged.as_of.astimezone(pack.zone)
    return ReportOut(
        lang=str(lang),
        assessment_id=None,
        application_id=None,
        guide=GuideLine(
            id=pack.id,
            title=reader.of(call.title_zh, call.title_en),
            year=call.year,
            issuer=reader.of(call.issuer, call.issuer_en),
            city=reader.of(call.city_zh, call.city_en),
            zone=call.zone,
        ),
        category=Named(code=leaf.id, label=reader.of(leaf.name_zh, leaf.name_en)),
        stage=named(STAGES, judged.stage, lang),
        as_of=as_of,
        taken_at=None,
        pack_version=pack.version,
        eligible=named(VERDICTS, judged.eligible, lang),
        stage_decision=StageLine(
            decision=named(DECISIONS, judged.decision["decision"], lang),
            rules=judged.decision["rules"],
            missing=[name_of(reader, name) for name in judged.decision["missing"]],
            freeze=judged.decision["freeze"],
        ),
        groups=_groups(reader, judged),
        facts=_facts(reader, judged),
        unavailable=[name_of(reader, name) for name in judged.unavailable],
        ignored=[name_of(reader, name) for name in judged.ignored],
        again=None,
        since=None,
    )


def _groups(reader: Reader, judged: Judged) -> list[Group]:
    spoken = _spoken(reader.pack, judged, reader.lang)
    lines: dict[str, list[FindingLine]] = {group: [] for group in GROUPS}
    for said in judged.findings:
        here = spoken[said["rule"]]
        lines[_group_of(said, here, Stage(judged.stage))].append(finding_line(reader, said, here))
    return [
        Group(id=group, label=named(GROUPS, group, reader.lang).label, findings=lines[group])
        for group in GROUPS
    ]


def _group_of(said: Json, spoken: Finding, stage: Stage) -> str:
    outcome = said["outcome"]
    if outcome == "not_applicable":
        return "not_applicable"
    if not spoken.enters_verdict:
        return "beside"
    if outcome == "fail":
        return "against"
    if outcome == "pass":
        return "decided" if said.get("decision") else "passed"
    if not spoken.is_due(stage):
        return "later"
    return "missing" if outcome == "unknown" else "to_decide"


def _spoken(pack: Pack, judged: Judged, lang: Lang) -> dict[str, Finding]:
    """The findings once more in a language, by rule."""
    evaluation = evaluate(
        pack,
        category=judged.category,
        stage=judged.stage,
        as_of=judged.as_of,
        facts={fact["name"]: fact["value"] for fact in judged.facts},
        interpretations=judged.interpretations,
        unavailable=judged.unavailable,
        lang=lang,
    )
    return {finding.rule: finding for finding in evaluation.findings}


def _facts(reader: Reader, judged: Judged) -> list[FactLine]:
    """Every fact that a finding used, once, in the order of the guide."""
    revisions = {fact["name"]: fact["revision"] for fact in judged.facts}
    used = {fact["name"]: fact for finding in judged.findings for fact in finding["facts_used"]}
    return [fact_line(reader, fact, revisions.get(name)) for name, fact in used.items()]
