"""Words and numbers as they may enter: what a database column or a key cannot take is refused here."""

from typing import Annotated

from pydantic import Field, StringConstraints

MOST = 10**15
"""More than any number of places, or of yuan in a city's budget; fits a bigint with room for sums."""

_NO_CONTROL = r"^[^\x00-\x1f\x7f]+$"

City = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
GuideId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
Version = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
CategoryId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$")]
RowId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_./-]{0,199}$")]
PoolKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_./-]{0,299}$")]
Label = Annotated[str, StringConstraints(max_length=200, pattern=_NO_CONTROL)]
Reason = Annotated[str, StringConstraints(max_length=500, pattern=_NO_CONTROL)]
Person = Annotated[str, StringConstraints(max_length=255, pattern=_NO_CONTROL)]
Limit = Annotated[int, Field(strict=True, ge=0, le=MOST)]
Amount = Annotated[int, Field(strict=True, ge=1, le=MOST)]
