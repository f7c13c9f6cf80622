"""The stories of Hengyang, Guilin and Lanzhou come out as their casts say, one after the other in a house."""

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cli import operations
from cli.demo import cast, cities
from cli.local import House, Plan, running_house
from cli.project import RunDir

# what a reader of the printed tables is to find: an application's line, or a line that begins so -> its words
SHOWN = {
    "hengyang": {
        "02": ("HY-BAS-02", "超出 1 项"),
        "05": ("HY-IUR-06", "还差 1 元，可改报一般项目"),
        "09": ("approved directly", "hy-2021-0001"),
        "07   HY-G-01": ("pass", "指南未写县市区人民政府由谁推荐"),
        "06   HY-LAB-07": ("pass", "指南未写年龄基准日"),
        "07   HY-REG-03": ("manual", "创新指标"),
        "opening and closing": ("not stated; announced by the bureau",),
        "hy21-transfer-signed2020": ("20", "50,000"),
        "hy21-basic": ("not stated",),
        "01   hy21-basic": ("initial_review + recommendation", "not stated"),
        "09   hy21-transfer-signed2020": ("direct_grant",),
    },
    "guilin": {
        "03": ("GL-01-3", "还差 1,500,001 元"),
        "04": ("GL-06-3", "导师备案目标数"),
        "09": ("GL-15-3a", "多 10,000 元"),
        "02   GL-01-3": ("pass", "比的两边指南未写明"),
        "10 is refused by": ("GL-13-1", "协议", "译文"),
        "01   GL-01-1p": ("pass",),
        "02   GL-01-1p": ("fail",),
        "07   gl19-14-sts-poverty": ("recommendation", "农业农村科技科"),
        "01   gl19-01-ict-core": (" -  ", "发展规划与科技监督科"),
        "gl19-16-sdg-zone": ("general 300,000-500,000; major 1,000,000-2,000,000", "by_tier"),
    },
    "lanzhou": {
        "03": ("LZ-MAJ-03", "还差 1 元"),
        "06": ("LZ-LB-02", "以园区为准"),
        "08": ("LZ-NR-04", "还差 1 人"),
        "02   LZ-MAJ-02": ("exception.decision = granted",),
        "04   LZ-MAJ-05": ("exception.decision = refused",),
        "01   lz22-major-industry": (" -  ", "高新科"),
        "04   lz22-major-social": (" -  ", "成果科"),
        "lz22-lanbai": ("not stated",),
    },
}


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    """A house of its own: the business clock goes from year to year in it."""
    folder = Path(tempfile.mkdtemp(prefix="shenbao-cities-"))
    folder.chmod(0o755)  # as root Postgres runs as a user who must enter it
    try:
        with running_house(RunDir(folder).made(), Plan(lasting=False, single=True), print) as running:
            yield running
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.timeout(180)
@pytest.mark.parametrize("city", cities.ELSEWHERE, ids=lambda city: city.name)
def test_the_story_of_a_city_comes_out(house: House, city: cities.City) -> None:
    said: list[str] = []
    operations.publish(house.intake_url, house.keys, city.pack)
    code = cities.story(city, "short")(replace(house, say=said.append))
    printed = "\n".join(said)
    assert code == 0, printed
    assert "NOT AS EXPECTED" not in printed
    for start, words in SHOWN[city.name].items():
        assert any(
            line.strip().startswith(f"{start} ") and all(word in line for word in words) for line in said
        ), f"{start}: {words}\n{printed}"
    played = cast.read(city.cast).applications
    approved = [one["title"] for one in played if one["expect"]["at"].startswith("approved")]
    pulled = [line for line in said if " upsert " in line]
    assert sorted(line.split()[4] for line in pulled) == sorted(approved)
    assert [line.split()[0] for line in pulled] == [str(place + 1) for place in range(len(approved))]
