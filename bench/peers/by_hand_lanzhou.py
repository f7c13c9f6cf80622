"""All 16 rules of Lanzhou's major industrial category (lz22-major-industry) by hand, as for Quzhou."""

from by_hand import FAIL, MANUAL, NOT_APPLICABLE, PASS, UNKNOWN, at_least, every, held, judged, there, worst
from loop import Check, Facts, serve


def check(facts: Facts) -> dict[str, str]:
    get = facts.get
    applicant, lead = get("applicant.type"), get("lead.type")
    total, own, public = get("budget.total_investment"), get("budget.self_raised"), get("budget.fiscal_total")
    enterprise_leads = None if lead is None else lead == "enterprise"
    enterprise = None if applicant is None else applicant == "enterprise"
    bodies = get("applicant.rd_bodies")
    return {
        "LZ-MAJ-01": held(at_least(total, 8_000_000)),
        "LZ-MAJ-02": only(enterprise_leads, revenue(facts)),
        "LZ-MAJ-05": in_principle(held(enterprise_leads), facts),
        "LZ-MAJ-06": only(
            enterprise_leads, held(None if own is None or public is None else own >= 3 * public)
        ),
        "LZ-MAJ-07": only(enterprise_leads, held(there(get("budget.own_funds_proof")))),
        "LZ-MAJ-08": only(enterprise, judged(get("applicant.innovation_ok"))),
        "LZ-MAJ-09": only(
            enterprise,
            every(None if bodies is None else len(bodies) >= 1, there(get("applicant.rd_body_proof"))),
        ),
        "LZ-MAJ-10": only(enterprise, answered(get("team.sufficient_ok"), get("team.rd_staff"))),
        "LZ-MAJ-11": every(there(get("novelty.report")), there(get("novelty.issuer"))),
        "LZ-MAJ-12": held(there(get("doc.staff_composition"))),
        "LZ-MAJ-13": paper(get("doc.market_share"), applicant),
        "LZ-MAJ-14": paper(get("doc.tax_certificate"), applicant),
        "LZ-MAJ-15": only(
            get("applicant.has_qualifications_or_awards"), held(there(get("doc.qualifications_awards")))
        ),
        "LZ-MAJ-16": answered(get("project.content_fit"), get("project.domain"), get("project.field")),
        "LZ-MAJ-17": held(None if None in (total, own, public) else total >= own + public),
        "LZ-MAJ-R": route(lead, get("project.domain")),
    }


def only(guard: bool | None, outcome: str) -> str:
    if guard is None:
        return UNKNOWN
    return outcome if guard else NOT_APPLICABLE


def in_principle(outcome: str, facts: Facts) -> str:
    """What falls below waits for a person's word."""
    if outcome != FAIL:
        return outcome
    word = facts.get("exception.decision")
    return MANUAL if word is None else held(word == "granted")


def revenue(facts: Facts) -> str:
    earned = facts.get("applicant.revenue_2021")
    if earned is None:
        return UNKNOWN
    if earned < 30_000_000:
        return in_principle(FAIL, facts)
    return held(there(facts.get("applicant.revenue_proof")))


def answered(answer: bool | None, *inputs: object) -> str:
    if answer is not None:
        return held(answer)
    return UNKNOWN if None in inputs else MANUAL


def paper(file: object, applicant: str | None) -> str:
    if file is not None:
        return PASS
    return UNKNOWN if applicant in {None, "enterprise"} else MANUAL


def route(lead: str | None, domain: str | None) -> str:
    if lead is None:
        return UNKNOWN
    if lead == "enterprise":
        return worst(held(there(domain)), PASS)
    return PASS if lead in {"university", "research_institute", "public_institution"} else MANUAL


def prepare(_rules: dict) -> Check:
    return check


if __name__ == "__main__":
    serve(prepare)
