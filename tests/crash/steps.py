"""The steps of the main line: what is asked, which fault points lie on the way, who may die there."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from tests.crash import way
from tests.crash.site import CLIENT, POSTGRES, SELF, Order, Site, with_places

from cli import operations
from cli.demo.season import applicants, leaks
from cli.demo.season.roster import GUIDE, Entry
from cli.demo.season.season import Season

Prepared = tuple[Season, Entry]


@dataclass(frozen=True, slots=True)
class Step:
    """Attributes:
    points: fault points on the way of the request.
    jobs: fault points that come after the answer.
    prepare: brings a new application to the step's beginning.
    order: what is sent then; None: something happens by itself, or by `act`.
    end: the state in which the application must stand when all is quiet.
    others: who may die besides the process that is held there, the client and Postgres.
    """

    name: str
    points: tuple[str, ...]
    jobs: tuple[str, ...]
    prepare: Callable[[Site], Awaitable[Prepared]]
    end: str
    order: Callable[[Season, Entry], Order] | None = None
    act: Callable[[Site, Season, Entry], Awaitable[None]] | None = None
    others: tuple[str, ...] = field(default=())

    def victims(self, point: str) -> tuple[str, ...]:
        """Who dies while a process is held at this point, one at a time."""
        own = _process_of(point)
        client = (CLIENT,) if self.order is not None and point in self.points else ()
        return (SELF, POSTGRES, *client, *(other for other in self.others if other != own))


def _process_of(point: str) -> str:
    service = point.partition(".")[0]
    if point.endswith((".taken", ".done")) and service == "intake":
        return "intake-worker"
    return "quota-worker" if point.startswith("quota.settle") else service.replace("common", "intake")


def _submit(_season: Season, entry: Entry) -> Order:
    given = {
        "applicationId": entry.id,
        "expectedRevision": entry.application["revision"],
        "idempotencyKey": f"submit-{entry.no}",
    }
    return Order(entry.subject, "submitApplication", "attempt { id state receivedAt }", given)


def _recommend(_season: Season, entry: Entry) -> Order:
    given = {"applicationId": entry.id, "idempotencyKey": f"recommend-{entry.no}"}
    return Order(f"recommender-{entry.above}", "recommend", "recommendation { id state }", given)


def _withdraw(_season: Season, entry: Entry) -> Order:
    given = {
        "recommendationId": entry.recommendation,
        "reason": "改推另一项目",
        "idempotencyKey": f"withdraw-{entry.no}",
    }
    return Order(f"recommender-{entry.above}", "withdrawRecommendation", "recommendation { id }", given)


def _approve(_season: Season, entry: Entry) -> Order:
    given = {"applicationId": entry.id, "idempotencyKey": f"approve-{entry.no}"}
    return Order("head", "approveApplication", "application { id state } award { number } seq", given)


def _abandoned(
    before: Callable[[Site], Awaitable[Prepared]], order: Callable[[Season, Entry], Order], point: str
) -> Callable[[Site], Awaitable[Prepared]]:
    """A request that stops at a point, its client dead; nobody asks again."""

    async def prepare(site: Site) -> Prepared:
        season, entry = await before(site)
        site.arm(point)
        with site.client(order(season, entry)) as client:
            await site.reached(point)
            client.kill()
        return season, entry

    return prepare


async def _upload(_site: Site, season: Season, entry: Entry) -> None:
    await applicants.send(season.applicant(entry), entry.id, leaks.papers_of(entry)[0])


async def _publish(site: Site, _season: Season, _entry: Entry) -> None:
    """A further version of the guide: one place more."""
    (row,) = await site.rows("SELECT capacity FROM quota.pools WHERE key = $1", f"{GUIDE}/qz20-rd/city_level")
    operations.publish(site.house.intake_url, site.house.keys, with_places(site.pack, row["capacity"] + 1))


_SERVICES = ("gateway", "intake", "eligibility", "documents", "quota")
_ASSESSING = ("eligibility.assessment.storing", "eligibility.assessment.stored")
_KEYED = ("common.idempotency.claimed", "common.idempotency.worked")
_ANSWER = ("gateway.command.answered",)


def _job(name: str) -> tuple[str, str]:
    return f"{name}.taken", f"{name}.done"


STEPS = (
    Step(
        "submit",
        points=(
            *(f"intake.submit.{at}" for at in ("opening", "opened", "judged", "deciding", "decided")),
            "documents.bundle.sealing",
            "documents.bundle.sealed",
            *_ASSESSING,
            *_ANSWER,
        ),
        jobs=(),
        prepare=way.drafted,
        order=_submit,
        end="submitted",
        others=_SERVICES,
    ),
    Step(
        "abandon a submission",
        points=(),
        jobs=_job("intake.finish_attempt"),
        prepare=_abandoned(way.drafted, _submit, "intake.submit.opened"),
        end="submitted",
        others=_SERVICES,
    ),
    Step(
        "recommend",
        points=(
            *(
                f"intake.recommend.{at}"
                for at in ("opening", "opened", "assessed", "held", "closing", "closed")
            ),
            *_ASSESSING,
            "quota.hold.taking",
            "quota.hold.taken",
            *_ANSWER,
        ),
        jobs=(*_job("intake.confirm_hold"), "quota.hold.confirming", "quota.hold.confirmed"),
        prepare=way.reviewed,
        order=_recommend,
        end="recommended",
        others=_SERVICES,
    ),
    Step(
        "withdraw",
        points=_KEYED,
        jobs=(*_job("intake.void_hold"), "quota.hold.voiding"),
        prepare=way.recommended,
        order=_withdraw,
        end="initial_review_passed",
        others=("quota",),
    ),
    Step(
        "abandon a recommendation with a place",
        points=(),
        jobs=("quota.settle.answered", "quota.hold.voiding"),
        prepare=_abandoned(way.reviewed, _recommend, "intake.recommend.held"),
        end="initial_review_passed",
        others=("intake", "quota"),
    ),
    Step(
        "abandon a recommendation without one",
        points=(),
        jobs=(*_job("intake.expire_recommendation"), "intake.void_hold.taken"),
        prepare=_abandoned(way.reviewed, _recommend, "intake.recommend.opened"),
        end="initial_review_passed",
        others=("intake", "quota"),
    ),
    Step(
        "approve",
        points=(
            *(f"intake.approve.{at}" for at in ("assessed", "awarded", "published", "committed")),
            *_ASSESSING,
            *_KEYED,
            *_ANSWER,
        ),
        jobs=_job("intake.register_project"),
        prepare=way.noticed,
        order=_approve,
        end="approved",
        others=("gateway", "intake", "eligibility", "documents"),
    ),
    Step(
        "upload",
        points=(),
        jobs=_job("documents.extract_text"),
        prepare=way.drafted,
        act=_upload,
        end="draft",
    ),
    Step(
        "publish a guide",
        points=(),
        jobs=_job("intake.activate_guide"),
        prepare=way.drafted,
        act=_publish,
        end="draft",
        others=("quota", "eligibility"),
    ),
)
