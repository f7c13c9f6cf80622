"""What quota asks of others: only what became of an old hold."""

from enum import StrEnum
from uuid import UUID

from common.client import ServiceClient
from common.errors import OwnerUnavailable


class Outcome(StrEnum):
    """Intake's answer about a hold's subject; final once given."""

    committed = "committed"
    void = "void"


async def settle(client: ServiceClient, subject: UUID, city: str) -> Outcome:
    """Ask intake to settle a subject. Intake writes the subject void where it has not committed it.

    Raises:
        OwnerUnavailable: no answer, or none that can be read: nothing is known.
        RemoteProblem: refused.
    """
    answer = await client.call("intake", "POST", f"/v1/holds/{subject}/settle", cities=(city,), json={})
    try:
        return Outcome(answer["outcome"])
    except (KeyError, TypeError, ValueError) as error:
        raise OwnerUnavailable("intake") from error
