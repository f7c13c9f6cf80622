"""The root of all mutations."""

import strawberry

from gateway.commands.administration import AdministrationCommands
from gateway.commands.applications import ApplicationCommands
from gateway.commands.assessments import AssessmentCommands
from gateway.commands.awards import AwardCommands
from gateway.commands.calls import CallCommands
from gateway.commands.memberships import MembershipCommands
from gateway.commands.people import PeopleCommands
from gateway.commands.registry import RegistryCommands
from gateway.commands.reviews import ReviewCommands
from gateway.wording import d


@strawberry.type(description=d("命令", "Commands."))
class Mutation(
    ApplicationCommands,
    PeopleCommands,
    RegistryCommands,
    MembershipCommands,
    ReviewCommands,
    AssessmentCommands,
    AwardCommands,
    CallCommands,
    AdministrationCommands,
):
    """All commands, by subject."""
