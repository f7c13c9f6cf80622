"""Experts, the proposal within the caps, the public notice, objections, approval."""

from collections import Counter
from datetime import timedelta
from typing import Any

from cli.demo.graphql import Refused
from cli.demo.season import plan, registers
from cli.demo.season.doors import Person
from cli.demo.season.formal import standing
from cli.demo.season.plan import AT_APPROVAL, AT_FORMAL, CAPS, cap_of
from cli.demo.season.roster import GUIDE, Entry
from cli.demo.season.season import Season, each

_CONFLICTS = 6
_ASSIGNED = "assignments { id state expert { id } }"


def under_review(season: Season) -> list[Entry]:
    """What the formal review let through."""
    return [entry for entry in standing(season) if entry.case.end != AT_FORMAL]


async def experts(season: Season) -> str:
    """Two scores each; the first six experts asked have an interest and are replaced."""
    season.clock("07-08T09:00:00")
    officer, entries = season.person("officer"), under_review(season)
    people = {subject: season.person(subject) for subject in season.roster.experts}
    ids = {}
    for subject, person in people.items():
        ids[subject] = str((await person.ask("{ viewer { person { id } } }"))["viewer"]["person"]["id"])
    of_unit = await _own_expert(officer, season.entries[0], ids)
    season.check("an expert of the applicant's unit is refused", of_unit, "intake.expert_conflicted")
    neutral = sorted(subject for subject in people if subject != max(people))
    work = [
        (entry, season.names.shuffled(neutral)[:3], position < _CONFLICTS)
        for position, entry in enumerate(entries)
    ]
    marks = {entry.no: _marks(season, entry) for entry in entries}

    async def one(item: tuple[Entry, list[str], bool]) -> None:
        entry, chosen, conflict = item
        first, second, third = chosen
        assigned = await _assign(officer, entry, {name: ids[name] for name in (first, second)})
        if conflict:
            await people[first].do(
                "declareConflict",
                "assignment { id state }",
                assignmentId=assigned.pop(first),
                reason="与项目负责人有合作关系",
            )
            assigned |= await _assign(officer, entry, {third: ids[third]})
        given = marks[entry.no]
        for (subject, assignment), score in zip(assigned.items(), given, strict=True):
            await people[subject].do(
                "scoreApplication",
                "assignment { id state }",
                assignmentId=assignment,
                score=score,
                comment="技术路线清楚，指标可考核。",
            )
        entry.mean = sum(given) / len(given)

    await each(work, one)
    return f"{2 * len(entries)} scores for {len(entries)} projects, {_CONFLICTS} conflicts of interest"


def _marks(season: Season, entry: Entry) -> tuple[int, int]:
    if entry.case.end == AT_APPROVAL:
        return 97, 98
    return season.names.whole(55, 95), season.names.whole(55, 95)


async def _own_expert(officer: Person, entry: Entry, ids: dict[str, str]) -> str:
    try:
        await _assign(officer, entry, {max(ids): ids[max(ids)]})
    except Refused as refused:
        return ", ".join(sorted(refused.codes))
    return "assigned"


async def _assign(officer: Person, entry: Entry, wanted: dict[str, str]) -> dict[str, str]:
    """Subject -> assignment, for the experts asked for."""
    names = {identity: subject for subject, identity in wanted.items()}
    made = (
        await officer.do("assignExperts", _ASSIGNED, applicationId=entry.id, expertIds=list(wanted.values()))
    )["assignments"]
    return {names[one["expert"]["id"]]: one["id"] for one in made if one["expert"]["id"] in names}


def chosen(season: Season) -> list[Entry]:
    """The best of each cap, by mean score; ties by number."""
    ranked = sorted(under_review(season), key=lambda entry: (-entry.mean, entry.no))
    taken: Counter[str] = Counter()
    best = []
    for entry in ranked:
        if taken[cap_of(entry.case.category)] < CAPS[cap_of(entry.case.category)]:
            taken[cap_of(entry.case.category)] += 1
            best.append(entry)
    return best


async def proposal(season: Season) -> str:
    """拟立项 of the best within the caps, in one command; the others are not selected."""
    season.clock("07-15T09:00:00")
    officer, best = season.person("officer"), chosen(season)
    fields = "proposal { id ranking { applicationId place scoreSum scoreCount } }"
    made = await officer.do("proposeApplications", fields, guide=GUIDE, applicationIds=[e.id for e in best])
    means = {
        line["applicationId"]: line["scoreSum"] / line["scoreCount"] for line in made["proposal"]["ranking"]
    }
    season.check("ranking by the scores given", all(means[e.id] == e.mean for e in best), True)
    rest = [entry for entry in under_review(season) if entry not in best]

    async def leave_out(entry: Entry) -> None:
        await officer.do(
            "notSelectApplication",
            "application { id state }",
            applicationId=entry.id,
            reason="综合评分未进入拟立项范围",
        )

    await each(rest, leave_out)
    return f"{len(best)} proposed, {len(rest)} not selected"


async def notice(season: Season) -> str:
    """公示 for seven days; six objections, three upheld; one unit is blacklisted meanwhile."""
    starts = season.clock("07-20T09:00:00")
    officer, best = season.person("officer"), chosen(season)
    published = await officer.do(
        "publishNotice",
        "notice { id state }",
        guide=GUIDE,
        applicationIds=[entry.id for entry in best],
        startsAt=starts.isoformat(),
        endsAt=(starts + timedelta(days=7)).isoformat(),
        whereZh="市科技主管部门综合咨询处（演练）",
    )
    season.clock("07-22T09:00:00")
    filed = [await _object(season, published["notice"]["id"], entry) for entry in objected(season)]
    season.clock("07-24T09:00:00")
    for position, objection in enumerate(filed):
        upheld = position < plan.OBJECTIONS_UPHELD
        await officer.do(
            "decideObjection",
            "objection { id state }",
            objectionId=objection,
            decision="upheld" if upheld else "rejected",
            reason="经核查，异议成立。" if upheld else "经核查，异议不成立。",
        )
    for entry in best:
        if entry.case.end == AT_APPROVAL:
            await registers.blacklist(season, entry, "2020-07-25T00:00:00+08:00")
    return f"{len(best)} projects shown, {len(filed)} objections, {plan.OBJECTIONS_UPHELD} upheld"


def objected(season: Season) -> list[Entry]:
    """To whose projects objections are filed: those to be upheld first."""
    open_ = [entry for entry in chosen(season) if entry.case.end is None]
    return open_[: plan.OBJECTIONS_UPHELD + plan.OBJECTIONS_REJECTED]


async def _object(season: Season, notice_id: str, entry: Entry) -> str:
    """Somebody whose own project was not selected objects."""
    left_out = next(one for one in under_review(season) if one not in chosen(season))
    filed = await season.applicant(left_out).do(
        "fileObjection",
        "objection { id state }",
        noticeId=notice_id,
        applicationId=entry.id,
        text="该项目核心成果已由他人完成。",
    )
    return str(filed["objection"]["id"])


async def approval(season: Season) -> str:
    """立项, many at once; a unit that is on a blacklist by now is refused."""
    season.clock("07-28T09:00:00")
    upheld = objected(season)[: plan.OBJECTIONS_UPHELD]
    head, approved = season.person("head"), 0

    async def approve(entry: Entry) -> None:
        nonlocal approved
        try:
            await head.do("approveApplication", "application { id state } seq", applicationId=entry.id)
            approved += 1
        except Refused as refused:
            entry.refused = _rules(refused)

    await each([entry for entry in chosen(season) if entry not in upheld], approve)
    return f"{approved} approved"


def _rules(refused: Refused) -> tuple[str, ...]:
    found: list[dict[str, Any]] = []
    for error in refused.errors:
        found += (error.get("details") or {}).get("findings", [])
    return tuple(one["rule"] for one in found) or tuple(sorted(refused.codes))
