"""People brought in by the commands that operators use, into a running house."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cli import project
from cli.demo.season.names import phone, resident_id
from cli.local import House
from cli.main import main
from common import sheets
from intake.people.columns import COLUMNS

HEADS = [one.zh for one in COLUMNS]


def row(number: int, **more: str) -> list[str]:
    cells = {"ref": f"cli-{number}", "name": f"命令行{number}", "phone": phone(number)}
    cells |= {"resident_id": resident_id(number), **more}
    return [cells.get(one.field, "") for one in COLUMNS]


@pytest.fixture
def running(house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.setenv("SHENBAO_RUN_DIR", str(house.run.path))
    return house


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_table_is_imported_after_a_dry_run(
    running: House, tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    begin = 700 if kind == "csv" else 710
    rows = [HEADS, row(begin), row(begin + 1)]
    file = tmp_path / f"people.{kind}"
    file.write_bytes(sheets.to_csv(rows) if kind == "csv" else sheets.to_xlsx([("人员", rows)]))
    told = []
    for words in (["--dry-run"], [], []):
        assert main(["import", str(file), *words]) == 0
        told.append(capsys.readouterr().out.splitlines())
    assert told[0][0] == "dry run: nothing was written"
    assert told[0][1:] == told[1]
    assert "people: 2 created, 0 changed, 0 unchanged" in told[1]
    assert "people: 0 created, 0 changed, 2 unchanged" in told[2]


def test_problems_name_row_and_column(
    running: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "people.csv"
    file.write_bytes(sheets.to_csv([HEADS, row(720), row(721, phone="7")]))
    assert main(["import", str(file), "--dry-run"]) == 1
    assert "row 3, 电话: phone takes: mobile" in capsys.readouterr().err
    assert main(["import", str(file)]) == 1
    assert "/rows/3/phone" in capsys.readouterr().err


def test_resealing_ends(running: House, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["reseal"]) == 0
    assert capsys.readouterr().out == "0 persons sealed anew, none left\n"


def test_the_same_in_a_deployment(running: House, tmp_path: Path) -> None:
    """`operate.py`, with the operator's own key and no runner."""
    env = {
        **os.environ,
        "OPERATOR_ENVIRONMENT": "production",
        "OPERATOR_SERVICE_KEY": json.dumps(running.keys.private("operator")),
        "OPERATOR_SERVICE_JWKS": json.dumps(running.keys.service_jwks()),
        "OPERATOR_INTAKE_URL": running.intake_url,
        "SECRETS": str(tmp_path),
    }

    def operate(*words: str, given: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
        program = project.root() / "deploy/docker/operate.py"
        return subprocess.run(
            [sys.executable, str(program), *words], env=env, input=given, capture_output=True, check=False
        )

    table = sheets.to_csv([HEADS, row(730)])
    done = operate("import", "-", "--kind", "csv", "--city", "330800", given=table)
    assert (done.returncode, b"people: 1 created" in done.stdout) == (0, True), done.stderr
    wrong = operate("import", "-", "--kind", "csv", "--city", "330800", given=b"nonsense")
    assert (wrong.returncode, b"intake.file_unreadable" in wrong.stderr) == (1, True)
    assert operate("import", "-", "--kind", "csv", given=table).returncode == 1
    assert operate("reseal").stdout == b"0 persons sealed anew, none left\n"
