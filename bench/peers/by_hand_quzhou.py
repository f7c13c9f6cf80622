"""All 41 rules of Quzhou's patent category (qz20-patent) as a programmer would write them for this one guide.

The same five outcomes as the pack gives, missing facts included; no clause, no message, no remedy, no record
of the facts that were used, and nothing that another year's guide could use.
"""

import unicodedata
from datetime import date, datetime

from by_hand import (
    FAIL,
    MANUAL,
    NOT_APPLICABLE,
    PASS,
    UNKNOWN,
    at_least,
    at_most,
    equal,
    every,
    held,
    instant,
    judged,
    not_after,
    there,
    worst,
)
from loop import Check, Facts, serve

CATEGORY, CAP, PLACES = "qz20-patent", 10, 16
OPEN = datetime.fromisoformat("2020-05-18T00:00:00+08:00")
CLOSE = datetime.fromisoformat("2020-06-28T17:00:00+08:00")
TYPES = {"enterprise", "research_institute", "university", "social_organisation"}
ROWS = {"city_level", "kecheng", "qujiang", "longyou", "jiangshan", "changshan", "kaihua"}
ORGANISERS = {"green_cluster", "smart_new_city"}
STAGES = ("submission", "recommendation", "formal_review", "approval", "acceptance")


def check(facts: Facts) -> dict[str, str]:
    get = facts.get
    stage = STAGES.index(facts["stage"])
    received, forwarded = instant(get("submission.received_at")), instant(get("recommendation.received_at"))
    in_time = not_after(received, CLOSE)
    forwarded_in_time = held(not_after(forwarded, CLOSE))
    row = get("quota.row")
    return {
        "QZ-SUB-01": held(within_quzhou(get("applicant.reg_region"))),
        "QZ-SUB-02": held(get("applicant.legal_person")),
        "QZ-SUB-03": kind(get("applicant.type")),
        "QZ-SUB-04": every(equal(get("blacklist.listed"), False), there(get("blacklist.checked_at"))),
        "QZ-SUB-08": industrial(facts),
        "QZ-DIR-01": topic(get("project.topic"), get("project.topic_fit")),
        "QZ-WIN-01": every(not_after(OPEN, received), in_time),
        "QZ-WIN-02": MANUAL if forwarded_in_time == FAIL else forwarded_in_time,
        "QZ-CH-01": held(equal(get("submission.channel"), "online_competitive_2020")),
        "QZ-CH-03": held(get("applicant.profile_complete")),
        "QZ-CH-02": held(equal(get("session.login_kind"), "personal")),
        "QZ-INI-01": {None: MANUAL, "approved": PASS, "returned": MANUAL}.get(
            get("initial_review.decision"), FAIL
        ),
        "QZ-4-1": every(at_least(get("applicant.rd_spend_2019"), 1), there(get("applicant.rd_spend_proof"))),
        "QZ-4-3a": every(
            equal(get("project.prior_establishment_count"), 0), get("project.first_time_declared")
        ),
        "QZ-4-3b": PASS,
        "QZ-4-3c": period(get("project.start"), get("project.end")),
        "QZ-4-3d": held(
            at_least(get("result.sales_income" if stage == 4 else "target.sales_income"), 5_000_000)
        ),
        "QZ-4-3e": held(there(get("patent.cert"))),
        "QZ-4-3f": worst(
            held(get("patent.no_dispute_declared")), judged(equal(get("patent.dispute_found"), False))
        ),
        "QZ-4-3g": every(
            there(get("patent.number")),
            equal(get("patent.prior_listing_count"), 0),
            get("patent.never_listed_declared"),
        ),
        "QZ-PAT-01": every(
            equal(get("patent.type"), "invention"),
            equal(get("patent.status"), "granted"),
            there(get("patent.cert")),
        ),
        "QZ-PAT-02": core_technology(get("patent.core_link_ok"), get("patent.core_technology_link")),
        "QZ-PAT-03": protected(get("patent.filing_date"), received, facts["as_of"]),
        "QZ-PAT-04": worst(owned(get("patent.owners")), held(there(get("patent.cert")))),
        "QZ-4-4a": held(at_most(get("person.lead_count"), 1)),
        "QZ-4-4b": held(at_most(get("person.member_count"), 2)),
        "QZ-4-4c": unaccepted(get("applicant.type"), get("applicant.unaccepted_subsidised_count")),
        "QZ-4-5a": unlike(get("applicant.other_applications"), get("project.identity")),
        "QZ-4-5b": unlike(get("applicant.guidance_track_applications"), get("project.identity")),
        "QZ-4-6a": held(get("commitment.truth_declared")),
        "QZ-4-6b": every(
            there(get("commitment.file")), get("commitment.unit_signed"), get("commitment.applicant_signed")
        ),
        "QZ-4-6c": NOT_APPLICABLE if stage < 4 else held(equal(get("fraud.finding"), False)),
        "QZ-4-7": anonymous(facts),
        "QZ-4-8a": held(in_time),
        "QZ-4-8b": place(row, get("quota.used"), get("applicant.jurisdiction")),
        "QZ-4-8c": own_row(row, get("applicant.jurisdiction")),
        "QZ-CAP-02": held(at_most(get("selection.approved_count"), CAP)),
        "QZ-TGT-01": NOT_APPLICABLE
        if stage < 4
        else held(at_least(get("programme.sales_income_sum"), 50_000_000)),
        "QZ-REC-01": every(
            there(get("recommendation.form")), get("recommendation.sealed"), there(get("recommendation.date"))
        ),
        "QZ-PUB-01": NOT_APPLICABLE if stage < 3 else published(facts),
        "QZ-CON-01": NOT_APPLICABLE if stage < 4 else held(at_least(get("contract_doc.paper_copies"), 3)),
    }


def within_quzhou(region: str | None) -> bool | None:
    return None if region is None else len(region) == 6 and region.isdigit() and region[:4] == "3308"


def kind(applicant: str | None) -> str:
    if applicant is None:
        return UNKNOWN
    if applicant == "public_institution":  # the guide may be read either way
        return MANUAL
    return PASS if applicant in TYPES else FAIL


def industrial(facts: Facts) -> str:
    """Industrial enterprises of the two districts."""
    industry, jurisdiction = facts.get("applicant.industry_class"), facts.get("applicant.jurisdiction")
    if industry is None:
        of_industry = UNKNOWN
    else:
        of_industry = PASS if industry[:1] in "BCD" else MANUAL if industry[:1] in "IM" else FAIL
    if jurisdiction is None:
        of_district = UNKNOWN
    elif jurisdiction in ORGANISERS:
        of_district = MANUAL
    else:
        of_district = held(jurisdiction == "city_level")
    return worst(held(equal(facts.get("applicant.type"), "enterprise")), of_industry, of_district)


def topic(chosen: str | None, fits: bool | None) -> str:
    return worst(held(None if chosen is None else chosen != "other"), judged(fits))


def period(start: str | None, end: str | None) -> str:
    if start is None or end is None:
        return UNKNOWN
    return held(start <= end <= years_on(start, 1))


def years_on(day: str, years: int) -> str:
    begun = date.fromisoformat(day)
    if (begun.month, begun.day) == (2, 29):
        begun = begun.replace(day=28)
    return begun.replace(year=begun.year + years).isoformat()


def core_technology(ok: bool | None, link: str | None) -> str:
    if ok is not None:
        return held(ok)
    return MANUAL if link else UNKNOWN


def protected(filed: str | None, received: datetime | None, as_of: str) -> str:
    """Five years of the twenty are left on the day of submission."""
    if filed is None:
        return UNKNOWN
    day = (received or datetime.fromisoformat(as_of)).astimezone(CLOSE.tzinfo).date().isoformat()
    return held(years_on(filed, 20) >= years_on(day, 5))


def owned(owners: list[dict[str, str]] | None) -> str:
    if owners is None:
        return UNKNOWN
    ours = [owner.get("id") == "applicant" for owner in owners]
    if not any(ours):
        return FAIL
    return PASS if all(ours) else MANUAL


def unaccepted(applicant: str | None, count: int | None) -> str:
    if applicant is None:
        return UNKNOWN
    return held(equal(count, 0)) if applicant == "enterprise" else NOT_APPLICABLE


def unlike(others: list[dict[str, str]] | None, identity: str | None) -> str:
    if others is None:
        return UNKNOWN
    if not others:
        return PASS
    if identity is None:
        return UNKNOWN
    own = normalised(identity)
    return held(all(normalised(other["identity"]) != own for other in others))


def normalised(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


def anonymous(facts: Facts) -> str:
    ok = facts.get("anonymity.reviewer_ok")
    if ok is not None:
        return held(ok)
    lists = [facts.get(name) for name in ("applicant.names", "team.names")]
    named = [normalised(name) for names in lists if names for name in names]
    whole = None not in lists

    def absent(texts: list[str] | None) -> str:
        if texts is not None and any(name and name in normalised(text) for text in texts for name in named):
            return FAIL
        return PASS if whole and texts is not None else UNKNOWN

    hidden = absent(facts.get("blind_bundle.metadata"))
    return worst(absent(facts.get("blind_bundle.texts")), MANUAL if hidden == FAIL else hidden)


def place(row: str | None, used: int | None, jurisdiction: str | None) -> str:
    if row is None:
        return UNKNOWN
    if not row.startswith(CATEGORY + "/"):
        return NOT_APPLICABLE
    left = held(at_most(used, PLACES - 1))
    if not row.endswith("/city_level"):
        return left
    drawn = UNKNOWN if jurisdiction is None else MANUAL if jurisdiction in ORGANISERS else PASS
    return worst(left, drawn)


def own_row(row: str | None, jurisdiction: str | None) -> str:
    if row is None:
        return UNKNOWN
    category, _, token = row.rpartition("/")
    if category != CATEGORY:
        return FAIL
    if token not in ROWS:
        return PASS
    if jurisdiction is None:
        return UNKNOWN
    return PASS if token == jurisdiction else MANUAL


def published(facts: Facts) -> str:
    start, end = instant(facts.get("notice.start")), instant(facts.get("notice.end"))
    outcome = every(
        not_after(start, end),
        not_after(end, instant(facts["as_of"])),
        equal(facts.get("notice.open_objections"), 0),
    )
    return MANUAL if outcome == UNKNOWN else outcome  # the office's own facts: the office knows


def prepare(_rules: dict) -> Check:
    return check


if __name__ == "__main__":
    serve(prepare)
