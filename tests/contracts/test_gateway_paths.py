"""Every path that the gateway sends commands and questions to exists at its owner, with that method."""

import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_CALL = re.compile(r'"(intake|eligibility|quota|documents)",\s*"(GET|POST|PUT|PATCH)",\s*f?"(/v1/[^"?]*)"')
_MADE = re.compile(r'(?:_path\(\s*|step\(info, input, )input\.application_id, f?"([^"]+)"')


def _known(service: str) -> set[tuple[str, str]]:
    paths = json.loads((ROOT / "services" / service / "openapi.json").read_text())["paths"]
    return {
        (method.upper(), re.sub(r"\{[^}]*\}", "{}", path))
        for path, methods in paths.items()
        for method in methods
    }


def test_the_gateway_asks_for_nothing_that_is_not_there() -> None:
    sources = [file.read_text(encoding="utf-8") for file in (ROOT / "services/gateway/gateway").rglob("*.py")]
    asked = {match for source in sources for match in _CALL.findall(source)}
    asked |= {
        ("intake", "POST", f"/v1/applications/{{}}/{step}")
        for source in sources
        for step in _MADE.findall(source)
    }
    assert len(asked) > 20
    missing = [
        (service, method, path)
        for service, method, path in sorted(asked)
        if (method, re.sub(r"\{[^}]*\}", "{}", path)) not in _known(service)
    ]
    assert missing == []
