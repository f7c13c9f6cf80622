"""Made-up units, people and applications for tests of intake. Names and codes are invented."""

from dataclasses import dataclass, field
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from common.actor import Actor, Grant
from common.clock import clock, parse_instant
from common.ids import new_id
from common.roles import Role
from guide import Pack, load_pack
from intake.applications.models import Application, Member
from intake.guides import packs
from intake.guides.models import Guide, GuideVersion
from intake.people.models import Membership, Person, Unit

CITY = "330800"
OTHER_CITY = "330100"
GUIDE = "qz-2020"
CATEGORY = "qz20-rd"
ISSUER = "https://issuer.test"
OPEN = "2020-06-01T09:00:00+08:00"
CLOSE = "2020-06-28T17:00:00+08:00"
_PACKS = Path(__file__).parents[2] / "deploy" / "guides"
_numbers = count(1)


@cache
def pack_text(guide: str = GUIDE) -> str:
    """A published pack as it stands in deploy; that of Quzhou 2020 if no other is named."""
    return (_PACKS / f"{guide}.yaml").read_text(encoding="utf-8")


@cache
def pack(guide: str = GUIDE) -> Pack:
    return load_pack(pack_text(guide))


def uscc() -> str:
    """A code of eighteen signs that no unit has."""
    return f"91330800TEST{next(_numbers):06d}"


PROFILE = {"applicant.in_enclave": False, "applicant.rd_spend_2019": 1_200_000}
FORM = {"project.topic": "qz20-t-1-1-fluorine", "commitment.truth_declared": True}


async def publish(session: AsyncSession, guide: str = GUIDE) -> None:
    """Put a pack in force without asking any service."""
    now, found = clock.business(), pack(guide)
    await session.execute(
        insert(Guide)
        .values(id=found.id, city=found.city, current_version=found.version, published_at=now)
        .on_conflict_do_nothing()
    )
    await session.execute(
        insert(GuideVersion)
        .values(
            guide=found.id,
            version=found.version,
            city=found.city,
            text=pack_text(guide),
            state="published",
            created_at=now,
            published_at=now,
        )
        .on_conflict_do_nothing()
    )


async def make_unit(session: AsyncSession, *, city: str = CITY, **columns: Any) -> Unit:
    """A unit that meets every condition of the Quzhou call, unless `columns` say otherwise."""
    at = parse_instant("2020-05-01T00:00:00+08:00")
    values: dict[str, Any] = {
        "uscc": uscc(),
        "name": f"衢州试作新材料{next(_numbers)}有限公司",
        "short_names": [],
        "former_names": [],
        "type": "enterprise",
        "legal_person": True,
        "reg_region": "330803",
        "jurisdiction": "qujiang",
        "industry_class": "C2631",
        "quota_token": "qujiang",
        "profile": dict(PROFILE),
        "revision": 1,
    }
    unit = Unit(id=new_id(), city=city, created_at=at, updated_at=at, **{**values, **columns})
    session.add(unit)
    await session.flush()
    return unit


async def make_person(session: AsyncSession, *, city: str = CITY, unit: Unit | None = None) -> Person:
    """A person, of a unit or of none."""
    person = Person(
        id=new_id(),
        city=city,
        name=f"甲乙丙{next(_numbers)}",
        unit_id=unit.id if unit else None,
        created_at=clock.business(),
    )
    session.add(person)
    await session.flush()
    return person


async def make_actor(
    session: AsyncSession,
    *roles: Role,
    city: str = CITY,
    unit: Unit | None = None,
    login_kind: str | None = "personal",
    lang: str = "zh",
) -> Actor:
    """A person with these roles, with the memberships that intake checks again."""
    person = await make_person(session, city=city, unit=unit)
    subject = f"subject-{person.id}"
    for role in roles:
        session.add(
            Membership(
                id=new_id(),
                city=city,
                issuer=ISSUER,
                subject=subject,
                person_id=person.id,
                role=role.value,
                unit_id=unit.id if unit else None,
                login_kind=login_kind,
                created_at=clock.business(),
            )
        )
    await session.flush()
    return Actor(
        caller="gateway",
        subject=subject,
        person_id=person.id,
        grants=tuple(Grant(role, city, unit.id if unit else None, login_kind) for role in roles),
        login_kind=login_kind,
        cities=frozenset({city}),
        lang=lang,
    )


async def make_application(
    session: AsyncSession,
    unit: Unit,
    *,
    guide: str = GUIDE,
    category: str = CATEGORY,
    state: str = "draft",
    form: dict[str, Any] | None = None,
    leader: Person | None = None,
    **columns: Any,
) -> Application:
    """An application that is complete and sound, unless told otherwise."""
    leader = leader or await make_person(session, city=unit.city, unit=unit)
    now = clock.business()
    number = next(_numbers)
    row = Application(
        id=new_id(),
        city=unit.city,
        guide=guide,
        category=category,
        **{"steps": packs.steps(pack(guide), category), **columns},
        unit_id=unit.id,
        title=f"含氟材料关键技术研发{number}",
        form=FORM if form is None else form,
        leader_id=leader.id,
        state=state,
        revision=1,
        created_at=now,
        updated_at=now,
        assessments={},
        pending=False,
        reopened=False,
        recommending_unit_id=unit.recommending_unit_id,
        members=[],
    )
    row.members.append(Member(id=new_id(), city=unit.city, person_id=leader.id, role="leader", position=0))
    session.add(row)
    await session.flush()
    return row


@dataclass
class Cast:
    """A unit with its recommending unit, and who acts in a story."""

    unit: Unit
    recommending_unit: Unit
    applicant: Actor
    recommender: Actor
    officer: Actor
    application: Application
    extra: dict[str, UUID] = field(default_factory=dict)


async def make_cast(session: AsyncSession, **application: Any) -> Cast:
    """One sound draft in Quzhou, and everybody who has to do with it."""
    await publish(session)
    above = await make_unit(session, type="government", name=f"试作区科技局{next(_numbers)}")
    unit = await make_unit(session, recommending_unit_id=above.id)
    return Cast(
        unit=unit,
        recommending_unit=above,
        applicant=await make_actor(session, Role.applicant, unit=unit),
        recommender=await make_actor(session, Role.recommender, unit=above, login_kind="legal_person"),
        officer=await make_actor(session, Role.officer),
        application=await make_application(session, unit, **application),
    )
