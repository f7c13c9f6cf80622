"""A question keeps nothing alive: cases are shared between rules, but never in a circle."""

import gc
from pathlib import Path

import pytest

from guide import load_pack
from guide.golden import read_cases
from guide.request import answer

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("guide", "file", "case"),
    [
        ("hy-2021", "hy-2021-whole", "whole/hy21-platform-keylab/approval"),  # sums over a list, readings
        ("gl-2019", "gl-2019-whole", "whole/gl19-14-sts-poverty/submission"),  # tiers
        ("qz-2020", "qz-2020", "whole/qz20-patent/approval"),
    ],
)
def test_nothing_is_left_to_the_garbage_collector(guide: str, file: str, case: str) -> None:
    pack = load_pack((ROOT / "deploy" / "guides" / f"{guide}.yaml").read_bytes())
    cases, _ = read_cases((ROOT / "tests" / "guide" / "cases" / f"{file}.json").read_bytes())
    (request,) = [one.request(pack) for one in cases.values() if one.id == case]
    answer(pack, request).as_dict()
    gc.disable()
    try:
        gc.collect()
        answer(pack, request).as_dict()
        assert gc.collect() == 0
    finally:
        gc.enable()
