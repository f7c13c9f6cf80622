"""What holds when all is quiet, read from the tables of all services and from the province's door."""

from typing import Final

from tests.crash.site import SERVICES_WITH_JOBS, Site, until

from cli.demo.season import province

# what must not be there, whatever people did
FORBIDDEN: Final = {
    "a counter that live holds do not explain": """
        SELECT p.key, p.used FROM quota.pools p WHERE p.used <> (
            SELECT coalesce(sum(l.n), 0) FROM quota.hold_pools l JOIN quota.holds h USING (subject)
            WHERE l.pool_id = p.id AND h.state <> 'void')""",
    "a counter that the ledger does not explain": """
        SELECT p.key, p.used FROM quota.pools p WHERE p.used <> (
            SELECT coalesce(sum(e.delta), 0) FROM quota.ledger_entries e WHERE e.pool_id = p.id)""",
    "an effect twice in the ledger": """
        SELECT subject, kind FROM quota.ledger_entries WHERE subject IS NOT NULL
        GROUP BY pool_id, subject, kind HAVING count(*) > 1""",
    "a place held that nobody stands on": """
        SELECT h.subject, h.state, r.state
        FROM quota.holds h LEFT JOIN intake.recommendations r ON r.id = h.subject
        WHERE h.state <> 'void' AND r.state IS DISTINCT FROM 'recommended'
          AND NOT coalesce(r.state = 'withdrawn' AND r.hold->>'state' <> 'void', false)""",
    "a recommendation without its place": """
        SELECT r.id, h.state FROM intake.recommendations r LEFT JOIN quota.holds h ON r.id = h.subject
        WHERE (r.state = 'recommended' OR r.state = 'withdrawn' AND r.hold->>'state' <> 'void')
          AND h.state IS DISTINCT FROM 'confirmed'""",
    "an application with two recommendations": """
        SELECT application_id FROM intake.recommendations WHERE state = 'recommended'
        GROUP BY application_id HAVING count(*) > 1""",
    "an application whose state and recommendation differ": """
        SELECT a.id, a.state, r.state FROM intake.applications a
        LEFT JOIN intake.recommendations r ON r.application_id = a.id AND r.state = 'recommended'
        WHERE a.state <> 'withdrawn' AND a.recommendation_id IS DISTINCT FROM r.id
           OR r.id IS NULL AND a.state IN ('recommended', 'accepted', 'expert_review', 'proposed',
                'public_notice', 'approved', 'failed_formal', 'not_selected', 'objection_upheld')
           OR r.id IS NOT NULL AND a.state IN ('draft', 'submitted', 'returned', 'initial_review_passed',
                'withdrawn')""",
    "an application whose state and award differ": """
        SELECT a.id, a.state, w.number FROM intake.applications a
        LEFT JOIN intake.awards w ON w.application_id = a.id
        WHERE (a.state = 'approved') IS DISTINCT FROM (w.id IS NOT NULL)""",
    "an assessment relied on that is not there": """
        SELECT a.id, s.key FROM intake.applications a, jsonb_each_text(a.assessments) s
        LEFT JOIN eligibility.assessments e ON e.id = s.value::uuid
        WHERE e.id IS NULL OR e.application_id <> a.id OR e.stage <> s.key""",
    "an act twice on record": """
        SELECT action, object_id FROM (
            SELECT action, object_id FROM intake.audit_entries
            WHERE action IN ('attempt.opened', 'application.submitted', 'recommendation.opened',
                'application.recommended', 'recommendation.withdrawn', 'recommendation.voided',
                'application.approved')
            UNION ALL SELECT action, object_id FROM quota.audit_entries WHERE object_type = 'hold'
            UNION ALL SELECT action, object_id FROM documents.audit_entries WHERE object_type = 'bundle'
            UNION ALL SELECT action, object_id FROM eligibility.audit_entries WHERE object_type = 'assessment'
        ) acts GROUP BY 1, 2 HAVING count(*) > 1""",
    "a gap in the numbers of awards": """
        SELECT number FROM (SELECT number, row_number() OVER (ORDER BY number) AS n FROM intake.awards) w
        WHERE right(number, 4)::int <> n""",
    "an award that is not once in the feed, or an item without one": """
        SELECT w.number, f.seq FROM intake.awards w FULL JOIN intake.feed_items f ON f.entity_id = w.id
        WHERE w.id IS NULL OR f.seq IS NULL OR f.revision <> 1 OR f.record->>'project_number' <> w.number""",
    "an award that is not once in the register of projects, or an entry of it without one": """
        SELECT w.number, e.entry_id FROM intake.awards w FULL JOIN (
            SELECT * FROM eligibility.register_entries
            WHERE register = 'projects_in_progress' AND source = 'intake') e ON e.entry_id = w.id
        WHERE w.id IS NULL OR e.entry_id IS NULL OR e.revision <> 1
           OR e.data->>'application_id' IS DISTINCT FROM w.application_id::text""",
    "a file without its text, read to the end": """
        SELECT f.id, t.state FROM documents.files f LEFT JOIN documents.file_texts t ON t.file_id = f.id
        WHERE t.finished_at IS NULL""",
    "a reader of guides with another version than intake's": """
        SELECT g.id, q.version FROM intake.guides g
        LEFT JOIN quota.active_allocations q ON q.guide = g.id
        WHERE q.version IS DISTINCT FROM g.current_version OR g.activated_version <> g.current_version""",
}
# and what must not be there where everybody came in time with a clean application
FORBIDDEN_TO_CLEAN: Final = {
    "an application whose state and attempt differ": """
        SELECT a.id, a.state, t.state FROM intake.applications a
        LEFT JOIN intake.attempts t ON t.id = a.attempt_id
        WHERE (a.state = 'draft') IS DISTINCT FROM (t.id IS NULL)
           OR t.state <> 'admitted' OR t.received_at <> a.received_at OR t.bundle_id <> a.bundle_id""",
    "an attempt in time that is not admitted": """
        SELECT id, state, failure FROM intake.attempts WHERE state <> 'admitted'""",
    "an application with two attempts": """
        SELECT application_id FROM intake.attempts GROUP BY application_id HAVING count(*) > 1""",
    "an attempt without its bundle, or a bundle without its attempt": """
        SELECT t.id, b.id FROM intake.attempts t FULL JOIN documents.bundles b ON b.id = t.bundle_id
        WHERE t.manifest_sha256 IS DISTINCT FROM b.manifest_sha256""",
}
_UNDECIDED = """
    SELECT 'attempt' AS what, id FROM intake.attempts WHERE state IN ('open', 'admitted_pending')
    UNION ALL SELECT 'recommendation', id FROM intake.recommendations WHERE state = 'opening'
    UNION ALL SELECT 'hold', subject FROM quota.holds WHERE state = 'held'"""
# what is due, and what is running or has failed; the expiry of a recommendation may lie in the future
_AT_WORK = " UNION ALL ".join(
    f"SELECT entrypoint, status::text, attempts, execute_after, payload "  # noqa: S608  # names of ours
    f"FROM {service}_jobs.pgqueuer "
    "WHERE status <> 'queued' OR execute_after <= now() OR entrypoint <> 'intake.expire_recommendation'"
    for service in SERVICES_WITH_JOBS
)


async def quiet(site: Site) -> None:
    """Wait until nothing is undecided and no job is due.

    Raises:
        AssertionError: it does not come to rest; what is left is in the message.
    """

    async def look() -> bool:
        return not await site.rows(_UNDECIDED) and not await site.rows(_AT_WORK)

    try:
        await until("all is quiet", look)
    except AssertionError as error:
        error.add_note(await at_work(site))
        raise


async def at_work(site: Site) -> str:
    """What is undecided, and the jobs that are there."""
    return f"{await site.rows(_UNDECIDED)}\n{await site.rows(_AT_WORK)}"


async def hold(site: Site, *, clean: bool = True) -> None:
    """Nothing forbidden stands in the tables, and the feed is what the awards are."""
    forbidden = FORBIDDEN | (FORBIDDEN_TO_CLEAN if clean else {})
    found = {what: await site.rows(sql) for what, sql in forbidden.items()}
    there = {what: rows for what, rows in found.items() if rows}
    assert not there, f"{there}"
    awards = await site.rows("SELECT id FROM intake.awards")
    known = len(site.season.wrong)
    items = await province.pull(site.season)
    await province.verify(site.season, items, len(awards))
    assert not site.season.wrong[known:], f"{site.season.wrong[known:]}"
