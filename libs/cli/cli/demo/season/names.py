"""Invented names, titles and credit codes, the same for the same seed."""

import random
from collections.abc import Callable
from typing import Any

_SURNAMES = "沈陆顾贺莫虞季纪苏祝楚裴宁柏温桑简池荀燕庄岑容明商方林傅程乔闻钟端凌霍阮蔺蒲郁戚"
_GIVEN_1 = "砚星念兰怀听云望青南晚知景如玉溪慕归采参若月清既长素松远明书"
_GIVEN_2 = "秋禾慈亭瑾澜舒舟屏行故山白晚薇谷和川青问年棠遥岚宁远朗疏澈笙"
_BRAND_1 = "澄磐曜芯素砚鲲茶云邻氢旋衡栖朔瀚岫柏沅黛"
_BRAND_2 = "岳璃笺锐源麓穹准陌洲翎桥岑渚垚霁禾峤泓枢"
_SUBJECTS = (
    "含氟聚合物", "硅基密封材料", "超净电子化学品", "特种纸基材料", "光伏逆变组件", "锂电正极材料",
    "低温余热装置", "储氢容器", "矿山运输装备", "五轴加工中心", "配电网储能单元", "精密轴承",
    "社区感知终端", "政务数据平台", "光电传感器件", "病毒检测试剂", "康复器械", "丘陵农机",
    "柑橘新品种", "茶油深加工产品", "林下药材", "农村污水设施", "园区废水溯源", "慢病管理",
)  # fmt: skip
_WAYS = (
    "连续化制备",
    "高可靠性设计",
    "在线检测",
    "低能耗改造",
    "数字化管控",
    "绿色工艺",
    "寿命评估",
    "集成应用",
)
_ENDS = ("关键技术研究", "技术开发", "中试验证", "技术示范")
_TRADES = {"B": "矿业", "C": "新材料", "D": "能源", "F": "商贸", "I": "软件", "M": "检测技术"}

_USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_BODY_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


class Names:
    """A source of names without repeats."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311  # invented names, no secrets
        self._given: set[str] = set()
        self._numbers = 0

    def person(self) -> str:
        """Three characters: a surname and a given name."""
        return self._fresh(lambda: self._pick(_SURNAMES) + self._pick(_GIVEN_1) + self._pick(_GIVEN_2))

    def firm(self, place: str, industry: str) -> tuple[str, str]:
        """Full and short name of a firm of a place; `industry` as GB/T 4754 writes it (`C2651`)."""
        trade = _TRADES[industry[0]]
        brand = self._fresh(lambda: self._pick(_BRAND_1) + self._pick(_BRAND_2))
        return f"{place}{brand}{trade}有限公司", f"{brand}{trade}"

    def title(self) -> str:
        """A project's title, without a name in it."""
        words = (_SUBJECTS, _WAYS, _ENDS)
        return self._fresh(lambda: "".join(self._random.choice(part) for part in words))

    def patent(self, year: int) -> str:
        """An invention patent's number of a year."""
        self._numbers += 1
        return f"ZL{year}1{9_100_000 + self._numbers:07d}.{self._numbers % 10}"

    def uscc(self, kind: str, region: str) -> str:
        """A credit code (GB 32100) of a kind (`91` enterprise …) and region, valid by both check digits."""
        self._numbers += 1
        return uscc(kind, region, f"MAXE{self._numbers:04d}")

    def choose(self, options: list[str]) -> str:
        return self._random.choice(options)

    def whole(self, least: int, most: int) -> int:
        return self._random.randint(least, most)

    def shuffled(self, items: list[str]) -> list[str]:
        return self._random.sample(items, len(items))

    def _pick(self, letters: str) -> str:
        return self._random.choice(letters)

    def _fresh(self, make: Callable[[], str]) -> str:
        while (made := make()) in self._given:
            continue
        self._given.add(made)
        return made


def resident_id(number: int) -> str:
    """A resident id, valid by its check character, that is nobody's: no division's code begins with 99."""
    first = f"990000{1960 + number % 40}{number % 12 + 1:02d}{number % 28 + 1:02d}{number % 1000:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(digit) * weight for digit, weight in zip(first, weights, strict=True))
    return first + "10X98765432"[total % 11]


def phone(number: int) -> str:
    """A mobile number that is nobody's: 142 is given to no network."""
    return f"142{number:08d}"


def identified(people: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same people, each with a made-up resident id and phone."""
    return [
        person | {"resident_id": resident_id(number), "phone": phone(number)}
        for number, person in enumerate(people, start=1)
    ]


def uscc(kind: str, region: str, body: str) -> str:
    """The 18 characters: kind (2), region (6), organisation code (8 and check, GB 11714), check."""
    values = [int(letter, 36) for letter in body]
    rest = 11 - sum(value * weight for value, weight in zip(values, _BODY_WEIGHTS, strict=True)) % 11
    code = kind + region + body + {10: "X", 11: "0"}.get(rest, str(rest))
    total = sum(_USCC.index(letter) * pow(3, place, 31) for place, letter in enumerate(code))
    return code + _USCC[(31 - total % 31) % 31]
