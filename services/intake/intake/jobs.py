"""The job handlers of this service; its subjects register theirs here."""

from typing import Final

from common.jobs import Jobs

jobs: Final = Jobs()
