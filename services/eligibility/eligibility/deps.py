"""What handlers of several subjects depend on."""

from typing import Annotated

from fastapi import Depends, Request

from eligibility.guides.packs import Packs


async def get_packs(request: Request) -> Packs:
    """The process's compiled packs."""
    packs: Packs = request.app.state.packs
    return packs


PacksDep = Annotated[Packs, Depends(get_packs)]
