"""The recommending units' and the bureau's side, where the guides differ."""

from typing import TYPE_CHECKING, Any

from cli.demo import cast, report
from cli.demo.applying import FINDINGS, raw_id
from cli.demo.cities import filing
from cli.demo.cities.ids import resolved
from cli.demo.graphql import Person, Refused
from guide import VERDICT_EFFECTS

if TYPE_CHECKING:
    from cli.demo.cities.play import CallStory

_UNDECIDED = "intake.findings_undecided"
_AGAINST = ("fail", "unknown", "manual")
_ROUNDS = 3  # a decision may bring a rule to light that asked for nothing before


def stop(story: "CallStory", number: str, at: str, findings: list[dict[str, Any]]) -> None:
    """An application goes no further; its fate names the rule that the cast expects, if it is there."""
    wanted = story.plays[number]["expect"].get("rule")
    against = sorted(
        (one for one in findings if one["outcome"] in _AGAINST and one["effect"] in VERDICT_EFFECTS),
        key=lambda one: (one["rule"] != wanted, _AGAINST.index(one["outcome"])),
    )
    story.fates[number] = report.Fate.by_finding(at, against[0])


def recommend(story: "CallStory", key: str, numbers: list[str]) -> None:
    """One recommending unit's applications: reviewed where the guide has that step, letters, recommended."""
    person = story.person(cast.recommender(key))
    unit = person.ask("{ viewer { memberships { unit { id } } } }")["viewer"]["memberships"][0]["unit"]["id"]
    for number in numbers:
        if "initial_review" in _may(person, story.id_of(number)):
            person.do(
                "initialReview",
                "application { state }",
                applicationId=story.id_of(number),
                decision="approved",
            )
    ids = {
        "@recommender": raw_id(unit),
        "@count": len(numbers),
        "@first": story.ids[numbers[0]]["@application"],
    }
    about = (f"推荐单位（盖章）：{story.cast.units[key]['name']}",)
    for number in numbers:
        application_id, category = story.id_of(number), story.plays[number]["category"]
        for material, stated in story.cast.script["letters"].items():
            if material in {one.id for one in story.pack.materials_for(category)}:
                filing.hand_in(person, story.pack, application_id, material, about, resolved(stated, ids))
        payload = person.do(
            "recommend",
            f"recommendation {{ state }} {FINDINGS}",
            applicationId=application_id,
            idempotencyKey=f"recommend-{application_id}",
        )
        if payload["recommendation"]["state"] == "refused":
            stop(story, number, "recommendation", payload["findings"])


def formal_review(story: "CallStory", number: str) -> None:
    """形式审查: decide what is left to people, then pass; fail where a rule stands against it."""
    reviewer, application_id = story.staff["reviewer"], story.id_of(number)
    for _ in range(_ROUNDS):
        try:
            reviewer.do(
                "formalReview", "application { state }", applicationId=application_id, decision="pass"
            )
            return
        except Refused as refused:
            against = _standing_against(reviewer, application_id, refused)
        if any(one["outcome"] != "manual" for one in against):
            break
        for finding in against:
            _judge(story, number, finding)
    reviewer.do(
        "formalReview",
        "application { state }",
        applicationId=application_id,
        decision="fail",
        reason="不符合指南所列条件。",
    )
    stop(story, number, "formal review", against)


def grant_directly(story: "CallStory", number: str) -> None:
    """直接立项: approved from the draft, or refused because it is not on the list."""
    head, application_id = story.staff["head"], story.id_of(number)
    try:
        payload = head.do(
            "grantDirectly",
            "award { number } seq",
            applicationId=application_id,
            grant=story.plays[number]["grant"],
        )
    except Refused as refused:
        stop(story, number, "direct grant", _standing_against(head, application_id, refused))
        return
    award = payload["award"]["number"]
    story.fates[number] = report.Fate("approved directly", award=award, seq=payload["seq"])


def last_findings(person: Person, application_id: str) -> list[dict[str, Any]]:
    """Findings of the newest assessment."""
    query = f"query($id: ID!) {{ application(id: $id) {{ assessments {{ stage {FINDINGS} }} }} }}"
    taken = person.ask(query, id=application_id)["application"]["assessments"]
    findings: list[dict[str, Any]] = taken[-1]["findings"]
    return findings


def _may(person: Person, application_id: str) -> set[str]:
    query = "query($id: ID!) { application(id: $id) { allowedActions { action allowed } } }"
    actions = person.ask(query, id=application_id)["application"]["allowedActions"]
    return {one["action"] for one in actions if one["allowed"]}


def _standing_against(person: Person, application_id: str, refused: Refused) -> list[dict[str, Any]]:
    """The findings that kept a command from being done."""
    if _UNDECIDED not in refused.codes:
        raise refused
    rules = {one["rule"] for one in refused.errors[0]["details"]["findings"]}
    return [one for one in last_findings(person, application_id) if one["rule"] in rules]


def _judge(story: "CallStory", number: str, finding: dict[str, Any]) -> None:
    """Decide a finding as the cast says, with the reason on record."""
    rule, script = finding["rule"], story.cast.script
    known = script["judgements"] | script.get("judgements_of", {}).get(number, {})
    if rule not in known:
        raise LookupError(f"the cast does not say how {rule} of application {number} is decided")
    found = dict(known[rule])
    why = found.pop("why")
    story.staff["reviewer"].do(
        "decideFinding",
        "rule",
        applicationId=story.id_of(number),
        rule=rule,
        reason=why,
        evidence=["形式审查会议记录"],
        **found,
    )
    told = ", ".join(f"{name} = {value}" for name, value in found.get("facts", {}).items())
    story.decided.append((number, rule, told or found["outcome"], why))
