"""The Quzhou pack, and small made-up packs around one rule."""

import copy
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from guide import Pack, load_pack
from guide.yaml_reader import read_yaml

ROOT = Path(__file__).parents[2]
GUIDES = ROOT / "deploy" / "guides"
QZ_PATH = GUIDES / "qz-2020.yaml"
INVENTORY: dict[str, Any] = read_yaml((Path(__file__).parent / "inventory.yaml").read_text())[0]
every_pack = pytest.mark.parametrize("name", sorted(path.stem for path in GUIDES.glob("*.yaml")))

TEXT = {"zh": "文", "en": "text"}
SMALL: dict[str, Any] = {
    "format": 1,
    "id": "xx-2030",
    "call": {
        "title_zh": "试", "title_en": "trial", "year": 2030, "issuer": "局", "issuer_en": "bureau",
        "city": "990100", "city_zh": "市", "city_en": "city", "zone": "Asia/Shanghai", "window": None,
    },
    "sources": [{"id": "doc", "title_zh": "文", "title_en": "doc"}],
    "clauses": [
        {"id": "doc/1", "document": "doc", "section": "一", "lines": "1", "text_zh": "文", "text_en": "text"}
    ],
    "categories": [
        {
            "id": "cat", "parent": None, "selectable": True, "name_zh": "类", "name_en": "category",
            "clause": "doc/1", "scope": None, "who": None, "fields": None, "years": None, "cap": None,
            "funding": None, "funding_mode": None, "priority": None, "manual_route": True,
        }
    ],
    "enumerations": [
        {"id": "letter", "tokens": [{"token": t, "zh": t, "en": t} for t in ("a", "b", "c")]}
    ],
    "facts": [
        {"name": "x.n", "type": "int", "owner": "app", "label_zh": "数", "label_en": "number"},
        {"name": "x.m", "type": "money", "owner": "prog", "label_zh": "款", "label_en": "money"},
        {"name": "x.flag", "type": "bool", "owner": "app", "label_zh": "旗", "label_en": "flag"},
        {"name": "x.ok", "type": "bool", "owner": "rev", "label_zh": "认定", "label_en": "reviewer"},
        {
            "name": "x.letter", "type": "enum", "enum": "letter", "owner": "app",
            "label_zh": "字", "label_en": "letter",
        },
        {
            "name": "x.word", "type": "enum", "enum": "letter", "owner": "rev",
            "label_zh": "意见", "label_en": "word",
        },
        {"name": "x.file", "type": "file", "owner": "att", "label_zh": "文件", "label_en": "file"},
        {"name": "x.day", "type": "date", "owner": "app", "label_zh": "日", "label_en": "day"},
        {"name": "x.at", "type": "instant", "owner": "clock", "label_zh": "时", "label_en": "instant"},
        {"name": "x.names", "type": "list<text>", "owner": "org", "label_zh": "名", "label_en": "names"},
        {"name": "x.texts", "type": "list<text>", "owner": "att", "label_zh": "文本", "label_en": "texts"},
        {
            "name": "x.list", "type": "list<ref>", "owner": "apps", "label_zh": "表", "label_en": "list",
            "record": [{"key": "id", "type": "text"}, {"key": "kind", "type": "enum", "enum": "letter"}],
        },
        {"name": "x.as_of", "type": "date", "owner": "call", "label_zh": "基准日", "label_en": "as-of date"},
    ],
    "interpretations": [
        {
            "id": "xx.open", "question": TEXT, "mode": "manual", "default": None, "clause": "doc/1",
            "values": [{"value": True, "text": TEXT}, {"value": False, "text": TEXT}],
        },
        {
            "id": "xx.set", "question": TEXT, "mode": "apply", "default": "one", "clause": "doc/1",
            "values": [{"value": "one", "text": TEXT}, {"value": "two", "text": TEXT}],
        },
        {
            "id": "xx.date", "question": TEXT, "mode": "manual", "default": None, "open": "date",
            "clause": "doc/1",
        },
    ],
    "rules": [
        {
            "id": "XX-1", "clause": "doc/1", "title_zh": "条", "title_en": "rule", "applies": ["cat"],
            "kind": "A", "effect": "fails_formal_review", "stated": True, "require": "true",
        }
    ],
    "quota_blocks": None,
    "routing": {},
    "life_cycle": {"steps": [{"id": "submission", "used": True}], "notice_days": None},
}  # fmt: skip
for _fact in SMALL["facts"]:
    _fact["extension"] = True  # made-up names


@pytest.fixture(scope="session")
def qz_text() -> str:
    return QZ_PATH.read_text()


@pytest.fixture(scope="session")
def qz(qz_text: str) -> Pack:
    return load_pack(qz_text)


@pytest.fixture(scope="session")
def packs() -> Mapping[str, Pack]:
    """Every pack of `deploy/guides` by its id, each loaded when it is first asked for."""
    return _Packs()


class _Packs(dict[str, Pack]):
    def __missing__(self, name: str) -> Pack:
        pack = self[name] = load_pack((GUIDES / f"{name}.yaml").read_bytes())
        return pack


@pytest.fixture
def qz_data(qz_text: str) -> dict[str, Any]:
    """The Quzhou pack as plain data, to be broken by a test."""
    data: dict[str, Any] = read_yaml(qz_text)[0]
    return data


@pytest.fixture
def small_data() -> dict[str, Any]:
    return copy.deepcopy(SMALL)


@pytest.fixture(scope="session")
def small() -> Callable[..., Pack]:
    """A pack with one rule: `small(require, guard=..., effect=...)`; `facts` are added to its own."""

    def build(require: Any, facts: Sequence[Mapping[str, Any]] = (), **rule: Any) -> Pack:
        data = copy.deepcopy(SMALL)
        data["facts"] += facts
        data["rules"][0] |= {"require": require, **rule}
        bound = "with_reading" in json.dumps(require)
        data["facts"] = [fact for fact in data["facts"] if bound or fact["name"] != "x.as_of"]
        return load_pack(json.dumps(data, ensure_ascii=False))

    return build
