"""Tables of calls: what a bureau announces where the guide is silent. All else of a call is its pack's."""

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from common.db import CityScoped, Instant, UuidPk
from intake.base import Base
from intake.calls.states import Kind


class CallAnnouncement(CityScoped, Base):
    """The bureau's word on when a call opens or closes, with its reason. Of one kind the latest counts; the
    earlier ones stay as its history."""

    __tablename__ = "call_announcements"
    __table_args__ = (
        CheckConstraint(f"kind IN ({', '.join(repr(one.value) for one in Kind)})", name="kind"),
    )

    id: Mapped[UuidPk]
    guide: Mapped[str] = mapped_column(ForeignKey("guides.id"), index=True)
    kind: Mapped[str] = mapped_column(String(8))
    at: Mapped[Instant]
    reason: Mapped[str] = mapped_column(String(1000))
    announced_by: Mapped[str] = mapped_column(String(255))
    announced_at: Mapped[Instant]
