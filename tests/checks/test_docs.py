"""The documents keep step with the project: links lead somewhere, the domain page has every id."""

import re
from pathlib import Path

import pytest

from guide import load_pack

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *ROOT.glob("docs/**/*.md"),
        *ROOT.glob("services/*/README.md"),
        *ROOT.glob("libs/*/README.md"),
    ]
)
_LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    links = [link for link in _LINK.findall(page.read_text(encoding="utf-8")) if "://" not in link]
    missing = [link for link in links if not (page.parent / link).exists()]
    assert missing == []


def test_the_domain_page_has_every_id_of_the_pack() -> None:
    page = (ROOT / "docs/domain.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"`([^`]+)`", page))
    pack = load_pack((ROOT / "deploy/guides/qz-2020.yaml").read_text(encoding="utf-8"))
    ids = set(pack.rules) | set(pack.interpretations) | set(pack.quota_rows)
    ids |= {block.category for block in pack.quota_blocks}
    for block in pack.quota_blocks:
        ids |= {material.id for material in pack.materials_for(block.category)}
    assert ids - listed == set()
    assert {one for one in listed if re.match(r"QZ-", one)} - ids == set()


def test_both_readmes_name_the_same_commands() -> None:
    pages = [(ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh-CN.md")]
    lines = re.compile(r"^(?:make [^#\n]*\w|\S*shenbao \w+|TOKEN=.*|curl .*)", re.M)
    commands = [lines.findall(page) for page in pages]
    assert commands[0] == commands[1]
    assert commands[0]
