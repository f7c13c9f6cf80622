"""Tables of people: units (申报单位, 推荐单位), persons, and what a login may do (memberships)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Index, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from common.db import CityScoped, Instant, Json, JsonList, UuidPk
from common.sealed import INDEX_BYTES
from intake.base import Base


class Unit(CityScoped, Base):
    """An organisation in one city, known by its unified social credit code (统一社会信用代码).

    `quota_token` and `jurisdiction` lead to the quota row, by the pack's mapping. `profile` holds further
    facts owned by the organisation (`@org`), by flat fact name.
    """

    __tablename__ = "units"
    __table_args__ = (
        UniqueConstraint("city", "uscc"),
        Index("ix_units_recommending_unit_id", "recommending_unit_id"),
    )

    id: Mapped[UuidPk]
    uscc: Mapped[str] = mapped_column(String(18))
    name: Mapped[str] = mapped_column(String(200))
    short_names: Mapped[JsonList] = mapped_column(JSONB, default=list)
    former_names: Mapped[JsonList] = mapped_column(JSONB, default=list)
    type: Mapped[str | None] = mapped_column(String(64))
    legal_person: Mapped[bool | None]
    reg_region: Mapped[str | None] = mapped_column(String(6))
    jurisdiction: Mapped[str | None] = mapped_column(String(64))
    industry_class: Mapped[str | None] = mapped_column(String(16))
    quota_token: Mapped[str | None] = mapped_column(String(64))
    recommending_unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("units.id"))
    profile: Mapped[Json] = mapped_column(JSONB, default=dict)
    revision: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]

    @property
    def names(self) -> list[str]:
        """Every name that would betray the unit (QZ-4-7): full, short, former."""
        return [self.name, *self.short_names, *self.former_names]


class Person(CityScoped, Base):
    """A human being in one city's files. `ref` is the name an imported file uses for the person.

    The sealed columns are opened by `identifiers` only; the index keeps a resident id unique in its city.
    """

    __tablename__ = "people"
    __table_args__ = (
        UniqueConstraint("city", "ref"),
        UniqueConstraint("city", "resident_id_index"),
        Index("ix_people_unit_id", "unit_id"),
    )

    id: Mapped[UuidPk]
    ref: Mapped[str | None] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(100))
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("units.id"))
    resident_id_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    resident_id_index: Mapped[bytes | None] = mapped_column(LargeBinary(INDEX_BYTES))
    phone_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    revision: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    created_at: Mapped[Instant]
    updated_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class FormerUnit(CityScoped, Base):
    """A unit that a person has left, and when; who judges projects must not have belonged to their unit."""

    __tablename__ = "former_units"
    __table_args__ = (Index("ix_former_units_person_id_unit_id", "person_id", "unit_id"),)

    id: Mapped[UuidPk]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    until: Mapped[Instant]


class Membership(CityScoped, Base):
    """What one login (issuer and subject of an identity provider) may do: a role, in a city, for a unit.

    Never deleted. Granted anew after it has ended, the row gets the new period and the old one goes to
    `FormerPeriod`.
    """

    __tablename__ = "memberships"
    __table_args__ = (
        UniqueConstraint("issuer", "subject", "role", "city", "unit_id", postgresql_nulls_not_distinct=True),
        Index("ix_memberships_unit_id", "unit_id"),
    )

    id: Mapped[UuidPk]
    issuer: Mapped[str] = mapped_column(String(255))
    subject: Mapped[str] = mapped_column(String(255))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), index=True)
    role: Mapped[str] = mapped_column(String(64))
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("units.id"))
    login_kind: Mapped[str | None] = mapped_column(String(32))
    valid_from: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    valid_to: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    revision: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    created_at: Mapped[Instant]


class FormerPeriod(CityScoped, Base):
    """A period of a membership that was over when it was granted anew."""

    __tablename__ = "former_periods"

    id: Mapped[UuidPk]
    membership_id: Mapped[UUID] = mapped_column(ForeignKey("memberships.id"), index=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    valid_from: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    valid_to: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
