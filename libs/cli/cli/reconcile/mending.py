"""What puts a difference right: commands of the owners, each with its audit row, each repeatable."""

from dataclasses import dataclass

from cli.reconcile.owners import CannotCompare, Owners
from common.client import RemoteProblem

_TOLD = {
    "exhausted": "no place is left in the row",
    "void": "quota has given the place back for good",
    "unknown_row": "quota has no such row",
}


class NotMended(Exception):
    """Why a difference stays; a person must decide."""


@dataclass(frozen=True, slots=True, order=True)
class Mend:
    """A command of an owner.

    Attributes:
        rank: order among mends: guides first, because places need their rows; then what is to be given back,
            before anything is taken.
        member, wanted: what the answer must say; "" where any answer will do.
    """

    rank: int
    service: str
    path: str
    member: str = ""
    wanted: str = ""

    async def do(self, owners: Owners) -> None:
        """
        Raises:
            NotMended: refused, or it came out otherwise.
        """
        try:
            answer = await owners.command(self.service, "POST", self.path, json={})
        except RemoteProblem as problem:
            raise NotMended(f"{self.service} refuses: {problem.remote_code}") from problem
        except CannotCompare as error:
            raise NotMended(str(error)) from error
        if self.member and answer[self.member] != self.wanted:
            raise NotMended(_TOLD.get(answer[self.member], f"{self.member} is {answer[self.member]}"))


def restage(guide: str, version: str) -> Mend:
    """Hand a version of a guide to its readers again, and put the current one in force there."""
    return Mend(1, "intake", f"/v1/reconciliation/guides/{guide}/versions/{version}/restage")


def settle(subject: str, wanted: str) -> Mend:
    """Have quota ask intake what became of a hold, and do as it says."""
    return Mend(2, "quota", f"/v1/reconciliation/holds/{subject}/settle", "state", wanted)


def retake(subject: str) -> Mend:
    """Take the place of a recommendation again, under the same subject, if one is left."""
    path = f"/v1/reconciliation/recommendations/{subject}/retake"
    return Mend(3, "intake", path, "outcome", "held")


def publish(award: str) -> Mend:
    """Put an award on the list that was never there."""
    return Mend(4, "intake", f"/v1/reconciliation/awards/{award}/publish")
