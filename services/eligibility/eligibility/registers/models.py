"""Entries of all registers, in one table: typed by register, dated, with source; corrections add rows."""

from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from common.db import CityScoped, Instant, Json, UuidPk
from eligibility.base import Base


class EntryRevision(CityScoped, Base):
    """One revision of one entry.

    `valid_from`/`valid_to` say when the statement holds; the end is exclusive, null leaves it open.
    `recorded_at`/`superseded_at` say when this revision was what we knew. Only `superseded_at` is ever set.
    `import_id`: the file that it came from; null where it was entered singly.
    """

    __tablename__ = "register_entries"
    __table_args__ = (
        # of a city: that an id is taken in another one must not be heard
        UniqueConstraint("city", "entry_id", "revision", name="uq_register_entries_entry_id_revision"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="period"),
        Index("ix_register_entries_subject_keys", "subject_keys", postgresql_using="gin"),
        Index(
            "ix_register_entries_current",
            "city",
            "register",
            "entry_id",
            postgresql_where=text("superseded_at IS NULL"),
        ),
        # what was known at an instant needs superseded revisions too
        Index("ix_register_entries_city_register_entry_id", "city", "register", "entry_id"),
        Index("ix_register_entries_import_id", "import_id"),
    )

    id: Mapped[UuidPk]
    entry_id: Mapped[UUID]
    revision: Mapped[int] = mapped_column(Integer)
    register: Mapped[str] = mapped_column(String(64))
    data: Mapped[Json]
    subject_keys: Mapped[list[str]] = mapped_column(ARRAY(Text))
    source: Mapped[str] = mapped_column(String(255))
    valid_from: Mapped[Instant]
    valid_to: Mapped[Instant | None]
    recorded_at: Mapped[Instant]
    recorded_by: Mapped[str] = mapped_column(String(255))
    change_reason: Mapped[str | None] = mapped_column(Text)
    superseded_at: Mapped[Instant | None]
    import_id: Mapped[UUID | None]


class RegisterImport(CityScoped, Base):
    """A file that was read into a register: which, by whom, and what came of it.

    `complete_as_of`: the file was the source's whole list as of this instant; null where it was not.
    `whole_until`: from then until before this instant the file was the whole register, so that what is not
    entered is a "no"; null where nobody said so. `counts`: rows added, corrected, ended, unchanged.
    """

    __tablename__ = "register_imports"
    __table_args__ = (
        Index("ix_register_imports_city_register_complete_as_of", "city", "register", "complete_as_of"),
    )

    id: Mapped[UuidPk]
    register: Mapped[str] = mapped_column(String(64))
    source: Mapped[str] = mapped_column(String(255))
    file_name: Mapped[str] = mapped_column(String(255))
    sha256: Mapped[str] = mapped_column(String(64))
    complete_as_of: Mapped[Instant | None]
    whole_until: Mapped[Instant | None]
    counts: Mapped[Json]
    recorded_at: Mapped[Instant]
    recorded_by: Mapped[str] = mapped_column(String(255))
