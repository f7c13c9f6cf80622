"""The provincial client: follows the feed, takes the snapshot, and checks every digest by itself."""

import base64
import hashlib
import json
from itertools import groupby
from typing import Any

from joserfc.jwk import OKPKey
from joserfc.jws import JWSRegistry

from cli.demo.season.doors import Person
from cli.demo.season.season import Season
from cli.house import CITY

_FEED = "/v1/feeds/approved-projects"
_COVERED = ("seq", "entity_id", "revision", "op", "effective_at", "reason", "state", "record")
_PAGE = 7
# the whole record: only with it does the feed give the salt, without which no digest can be checked
FIELDS = (
    "project_number", "title", "guide", "year", "category", "unit_name", "unit_uscc", "region", "office",
    "grant", "approved_on", "leader_name",
)  # fmt: skip


async def pull(season: Season) -> list[dict[str, Any]]:
    """Follow the changes to their end, page by page; the items in order."""
    person = season.person("province")
    items: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        answer = (await person.get(f"{_FEED}/changes", limit=_PAGE, **cursor)).json()
        items += answer["items"]
        cursor = {"cursor": answer["next_cursor"]}
        if not answer["has_more"]:
            return items


async def verify(season: Season, items: list[dict[str, Any]], approved: int) -> None:
    """Sequence, digests, chain, signature, snapshot and reconciliation against what was pulled."""
    person = season.person("province")
    season.check("items pulled without a gap", [one["seq"] for one in items], list(range(1, approved + 1)))
    season.check("digests that do not fit", [one["seq"] for one in items if not _fits(one)], [])
    chain = hashlib.sha256(f"approved-projects/{CITY}".encode()).hexdigest()
    for one in items:
        chain = hashlib.sha256(bytes.fromhex(chain) + bytes.fromhex(one["digest"])).hexdigest()
    manifest = (await person.get(f"{_FEED}/manifest")).json()
    season.check("chain hash of the manifest", chain == manifest["manifest"]["chain_hash"], True)
    season.check("count of the manifest", manifest["manifest"]["count"], approved)
    season.check("signature of the manifest", await _signed(person, manifest), True)
    lines = (await person.get(f"{_FEED}/snapshot")).text.splitlines()
    snapshot = [json.loads(line) for line in lines]
    listed = {one["entity_id"]: one["digest"] for one in snapshot if one["type"] == "item"}
    latest = {one["entity_id"]: one["digest"] for one in items}
    season.check("snapshot equals the changes", listed == latest, True)
    season.check("lines of the snapshot", snapshot[-1], {"type": "end", "count": approved})
    told = (await person.get(f"{_FEED}/reconciliation")).json()["items"]
    own = _groups(items)
    season.check("reconciliation equals our own digests", told == own, True)
    for group in own:
        season.notes.append((f"digest of {group['category']}", f"{group['count']} {group['digest'][:16]}…"))


def _fits(item: dict[str, Any]) -> bool:
    covered = {name: item[name] for name in _COVERED} | {"salt": item["salt"]}
    return hashlib.sha256(_canonical(covered)).hexdigest() == str(item["digest"])


def _canonical(content: Any) -> bytes:
    """RFC 8785 for strings, whole numbers, booleans, null and ASCII keys."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


async def _signed(person: Person, manifest: dict[str, Any]) -> bool:
    keys = (await person.get("/.well-known/jwks.json")).json()["keys"]
    key = next(one for one in keys if one["kid"] == manifest["signature"]["kid"])
    algorithm = JWSRegistry.algorithms[manifest["signature"]["algorithm"]]
    value = _bytes(manifest["signature"]["value"])
    return bool(algorithm.verify(_canonical(manifest["manifest"]), value, OKPKey.import_key(key)))


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _groups(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Count and digest per year and category, as the reconciliation defines them."""

    def key(item: dict[str, Any]) -> tuple[int, str]:
        return item["record"]["year"], item["record"]["category"]

    found = []
    ordered = sorted(items, key=lambda item: (*key(item), item["entity_id"]))
    for (year, category), group in groupby(ordered, key=key):
        lines = [f"{one['entity_id']} {one['revision']} {one['digest']}\n" for one in group]
        digest = hashlib.sha256("".join(lines).encode()).hexdigest()
        found.append(
            {"city": CITY, "year": year, "category": category, "count": len(lines), "digest": digest}
        )
    return found
