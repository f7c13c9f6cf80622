"""Subscribers of the provincial feed."""

import strawberry
from strawberry import field

from gateway.graph.loaders import Row
from gateway.nouns.base import Instant, Node, global_id
from gateway.wording import d


@strawberry.type(description=d("数据订阅方", "Who reads the provincial feed, on which ground."))
class Subscriber(Node):
    client: str = field(description=d("客户端标识", "Subject of its tokens."))
    name: str = field(description=d("名称", "Name."))
    city: str = field(description=d("数据所属市", "City whose feed it reads."))
    legal_basis: str = field(description=d("法律依据", "Legal basis."))
    purpose: str = field(description=d("用途", "Purpose."))
    fields: list[str] | None = field(
        description=d("可见字段；空值为全部非个人字段", "Fields; null: all not personal.")
    )
    regions: list[str] | None = field(description=d("可见地区；空值为全部", "Regions; null: all."))
    created_at: Instant = field(description=d("登记时间", "Since when."))


def subscriber_of(row: Row) -> Subscriber:
    """Of intake's subscriber."""
    return Subscriber(
        id=global_id("Subscriber", row["id"]),
        client=row["client"],
        name=row["name"],
        city=row["city"],
        legal_basis=row["legal_basis"],
        purpose=row["purpose"],
        fields=row.get("fields"),
        regions=row.get("regions"),
        created_at=Instant(row["created_at"]),
    )
