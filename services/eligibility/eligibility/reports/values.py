"""Values of facts as people read them: money with separators, instants of the call's zone, labels."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, tzinfo
from typing import Any, Final

from common.clock import parse_instant
from guide import FactDef, Lang, Pack
from guide.dictionary import dictionary

LONGEST: Final = 200
NOTHING: Final = "none"


class Reader:
    """Reads the values of one pack's facts aloud, in one language and zone."""

    def __init__(self, pack: Pack, lang: Lang) -> None:
        self.pack, self.lang = pack, lang
        self.zone: tzinfo = pack.zone
        self._by_type: dict[str, Callable[[str, Any], str]] = {
            "bool": lambda _, value: self.of("是", "yes") if value else self.of("否", "no"),
            "money": lambda _, value: f"{value:,} {self.of('元', 'yuan')}",
            "percent": lambda _, value: f"{value}%",
            "date": lambda _, value: self.day(date.fromisoformat(value)),
            "instant": lambda _, value: self.instant(parse_instant(value)),
            "file": lambda _, value: self._file(value),
            "ref<org>": self._organisation,
        }

    def of(self, zh: str, en: str) -> str:
        """The one of the two that is in the report's language."""
        return en if self.lang is Lang.en else zh

    def label(self, name: str) -> str:
        """A fact's label; of a key of records, the list's with the key."""
        array, _, key = name.partition("[].")
        fact = self.pack.facts.get(array)
        label = fact.label(self.lang) if fact is not None else _known_label(array, self.lang)
        return f"{label} ({key})" if key else label

    def text(self, name: str, value: Any) -> str:
        """A value in words; a dash where there is none."""
        fact = self.pack.facts.get(name)
        if value is None or value == "":
            return "—"
        if value == NOTHING:
            return self.of("查无", "none found")
        if fact is None:
            return _cut(str(value))
        return self._value(fact, value)

    def _value(self, fact: FactDef, value: Any) -> str:
        if isinstance(value, list):
            items = [self._item(fact, item) for item in value]
            return _cut(self.of("；", "; ").join(items)) if items else self.of("无", "none")
        if isinstance(value, Mapping) and fact.type not in self._by_type:
            return _cut(self.of("；", "; ").join(self._pairs(fact, value)))
        return self._scalar(fact, value)

    def _item(self, fact: FactDef, item: Any) -> str:
        if not isinstance(item, Mapping):
            return self._scalar(fact, item)
        return self.of("，", ", ").join(self._pairs(fact, item))

    def _scalar(self, fact: FactDef, value: Any) -> str:
        read = self._by_type.get(fact.type)
        return read(fact.name, value) if read is not None else _cut(self._token(fact, str(value)))

    def _token(self, fact: FactDef, value: str) -> str:
        labels = {one.token: self.of(one.label_zh, one.label_en) for one in fact.choices or ()}
        return labels.get(value, value)

    def _pairs(self, fact: FactDef, record: Mapping[str, Any]) -> list[str]:
        """Keys of a record have no labels: words stand for themselves, figures with their key."""
        return [self._pair(fact, key, value) for key, value in record.items() if value not in (None, "")]

    def _pair(self, fact: FactDef, key: str, value: Any) -> str:
        known = dictionary().facts.get(f"{fact.name}[].{key}")
        kind = known.type if known is not None else "text"
        if isinstance(value, str) and kind not in self._by_type:
            words = dictionary().enumerations.get(known.enum or "", {}) if known is not None else {}
            return self.of(*words.get(value, (value, value)))
        read = self._by_type.get(kind)
        return f"{self._token(fact, key)}: {read(key, value) if read is not None else value}"

    def _file(self, value: Mapping[str, Any]) -> str:
        name = value.get("name") or self.of("已附", "attached")
        return f"{name} ({self.day(parse_instant(value['at']).astimezone(self.zone).date())})"

    def _organisation(self, _: str, value: Mapping[str, Any]) -> str:
        kinds = dictionary().enumerations["org_type"]
        kind = kinds.get(str(value.get("type")))
        name = str(value.get("name") or value.get("id"))
        if name == NOTHING:
            return self.of("查无", "none found")
        return f"{name} ({self.of(*kind)})" if kind else name

    def day(self, day: date) -> str:
        return day_text(day, self.lang)

    def instant(self, instant: datetime) -> str:
        return instant_text(instant.astimezone(self.zone), self.lang)

    def here(self, instant: datetime | str | None) -> datetime | None:
        """An instant in the call's zone."""
        if instant is None:
            return None
        return (parse_instant(instant) if isinstance(instant, str) else instant).astimezone(self.zone)


def day_text(day: date, lang: str) -> str:
    """A day as it is written: 2020年6月15日, in English by ISO 8601."""
    return day.isoformat() if lang == Lang.en else f"{day.year}年{day.month}月{day.day}日"


def instant_text(here: datetime, lang: str) -> str:
    """An instant to the second in its own zone, with the fraction where there is one."""
    fraction = f".{here:%f}".rstrip("0") if here.microsecond else ""
    return f"{day_text(here.date(), lang)} {here:%H:%M:%S}{fraction}"


def _known_label(name: str, lang: Lang) -> str:
    known = dictionary().declarable.get(name)
    label = (known.label_en if lang is Lang.en else known.label_zh) if known is not None else ""
    return label or name


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"
