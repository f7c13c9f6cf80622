"""Why something went no further."""

import strawberry
from strawberry import field

from gateway.graph.loaders import Row
from gateway.wording import d


@strawberry.type(description=d("未通过的原因", "Why an application went no further."))
class Failure:
    code: str = field(description=d("代码", "Code."))
    rules: list[str] = field(description=d("相关规则", "Ids of the rules."))
    reason: str | None = field(description=d("说明", "In words."))


def failure_of(row: Row | None) -> Failure | None:
    """Of intake's failure."""
    if row is None:
        return None
    return Failure(code=row["code"], rules=row.get("rules") or [], reason=row.get("reason"))
