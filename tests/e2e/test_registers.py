"""A list read into a register, by the operator's command and at the public door, and what it then says."""

from pathlib import Path

import httpx
import pytest

from cli.demo import cast
from cli.demo.story import Story
from cli.local import House
from cli.main import main
from common import sheets

HEADS = ["单位统一社会信用代码", "证书编号", "生效日期", "失效日期"]
LISTED, ENDED, UNLISTED = (f"91330800MADE9{number}" for number in ("90017", "90025", "90033"))
SOURCE = "高企认定办（演练）"


@pytest.fixture
def running(house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.setenv("SHENBAO_RUN_DIR", str(house.run.path))
    return house


def a_list(folder: Path, kind: str, *rows: list[str]) -> Path:
    file = folder / f"hnte.{kind}"
    table = [HEADS, *rows]
    file.write_bytes(sheets.to_csv(table) if kind == "csv" else sheets.to_xlsx([("名单", table)]))
    return file


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_list_is_imported_after_a_dry_run(
    running: House, tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    unit = f"91330800MADE97{'0017' if kind == 'csv' else '0025'}"
    file = a_list(tmp_path, kind, [unit, "GR-1", "2019-01-01", ""])
    told = []
    for words in (["--dry-run"], [], []):
        assert main(["registers", "import", "hnte", str(file), "--source", f"演练{kind}", *words]) == 0
        told.append(capsys.readouterr().out.splitlines())
    added = [f"added uscc:{unit}|GR-1 (row 2)", "hnte: 1 added, 0 corrected, 0 ended, 0 unchanged"]
    assert told[0] == ["dry run: nothing was written", *added]
    assert told[1] == added
    assert told[2] == ["hnte: 0 added, 0 corrected, 0 ended, 1 unchanged"]


def test_problems_name_row_and_column(
    running: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = a_list(tmp_path, "csv", [LISTED, "", "2019-01-01", ""], [LISTED, "GR-1", "昨天", ""])
    command = ["registers", "import", "hnte", str(file), "--source", SOURCE]
    assert main([*command, "--dry-run"]) == 1
    told = capsys.readouterr().err.splitlines()
    assert [line.split(":")[0] for line in told] == ["row 2, 证书编号", "row 3, 生效日期"]
    assert main(command) == 1
    assert "eligibility.import_refused" in capsys.readouterr().err
    assert main(["registers", "import", "horoscopes", str(file), "--source", SOURCE]) == 1
    assert "eligibility.register_unknown" in capsys.readouterr().err
    assert main(["registers", "import", "hnte", str(tmp_path / "x.pdf"), "--source", SOURCE]) == 1


def test_an_officer_keeps_a_whole_list_at_the_door(story: Story, tmp_path: Path) -> None:
    story.clock("06-15T09:00:00")
    house = story.house
    officer = {"authorization": f"Bearer {house.user_token(story.cast.login('officer'))}"}
    asked = {"kind": "csv", "city": "330800", "source": SOURCE, "name": "hnte.csv"}
    both = sheets.to_csv([HEADS, [LISTED, "GR-1", "2019-01-01", ""], [ENDED, "GR-2", "2019-01-01", ""]])
    one = sheets.to_csv([HEADS, [LISTED, "GR-1", "2019-01-01", ""]])
    with httpx.Client(base_url=house.gateway_url, trust_env=False, timeout=60) as http:
        door = "/v1/registers/hnte"
        blank = http.get(f"{door}/template", params={"kind": "csv"}, headers=officer)
        assert blank.content.decode("utf-8-sig").strip().split(",") == HEADS
        first = http.post(f"{door}/import", params=asked, content=both, headers=officer)
        assert first.status_code == 200, first.text
        whole = {**asked, "complete": "2020-06-01", "whole_until": "2020-12-31"}
        second = http.post(f"{door}/import", params=whole, content=one, headers=officer)
        assert second.json()["counts"] == {"added": 0, "corrected": 0, "ended": 1, "unchanged": 1}
        held = http.get(
            f"{door}/entries",
            params={"q": SOURCE, "as_of": "2020-06-02T00:00:00+08:00"},
            headers=officer,
        ).json()
        assert [entry["unit_uscc"] for entry in held["items"]] == [LISTED]
        said = {}
        for uscc in (LISTED, ENDED, UNLISTED):
            body = {"subjects": {"unit": {"uscc": uscc}}, "as_of": "2020-06-02T00:00:00+08:00"}
            answer = http.post("/v1/registers/lookup", json=body, headers=officer).json()
            said[uscc] = next(fact["value"] for fact in answer["items"] if fact["name"] == "hnte.status")
        assert said == {LISTED: "valid", ENDED: "expired", UNLISTED: "none"}
        person = story.cast.login(cast.applicant(story.plays["09"]))
        applicant = {"authorization": f"Bearer {house.user_token(person)}"}
        refused = http.post(f"{door}/import", params=asked, content=b"", headers=applicant)
        assert refused.status_code == 403
