"""Dashboard and alerts use what the services really measure; each alert has its place in the runbook; and the
metrics stay inside."""

import importlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli.keys import Keys
from common.errors import OwnerUnavailable
from common.settings import SERVICES
from common.telemetry import OPERATIONS

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
DASHBOARD: dict[str, Any] = json.loads((DEPLOY / "monitoring/dashboard.json").read_text(encoding="utf-8"))
ALERTS: dict[str, Any] = yaml.safe_load((DEPLOY / "monitoring/alerts.yaml").read_text(encoding="utf-8"))
RULES: list[dict[str, Any]] = [rule for group in ALERTS["groups"] for rule in group["rules"]]
PRIVATE = re.compile(r"person|subject|name|title|uscc|phone|token|key|actor|trace|application$")


async def worked(service: str, keys: Keys) -> Any:
    """A service's app after one piece of work of each kind."""
    key, jwks = json.dumps(keys.private(service)), json.dumps(keys.service_jwks())
    settings = importlib.import_module(f"{service}.settings").Settings(
        environment="test", service_key=key, service_jwks=jwks, quota_url="http://127.0.0.1:9"
    )
    app = importlib.import_module(f"{service}.app").create_app(settings)
    telemetry = app.state.telemetry
    telemetry.request("GET", "/v1/x", 200, 0.1)
    with telemetry.job("x.y", 1), telemetry.sweep("x.z"), telemetry.block("read"):
        pass
    with pytest.raises(OwnerUnavailable):
        await app.state.client.call("quota", "GET", "/v1/x")
    await app.state.client.close()
    return app


@pytest.fixture(scope="module")
async def measured(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """Series that the services really have -> their labels."""
    keys, found = Keys(tmp_path_factory.mktemp("keys")), {"up": {"instance", "job"}}
    for service in SERVICES:
        state = (await worked(service, keys)).state
        for family in state.telemetry.metrics.registry.collect():
            for sample in family.samples:
                found[sample.name] = {*sample.labels, "instance", "job"}
        for figure in state.board.figures:
            found[figure.name] = {"service", *figure.labels, "instance", "job"}
    return found


def expressions() -> list[str]:
    targets = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
    return targets + [rule["expr"] for rule in RULES]


_WORDS = {
    *(
        "sum",
        "max",
        "min",
        "count",
        "rate",
        "increase",
        "changes",
        "by",
        "topk",
        "histogram_quantile",
        "time",
    ),
    *("absent", "or", "unless", "vector"),
}


def series(expression: str) -> set[str]:
    """Names of series in an expression; strings, matchers and label lists are taken away first."""
    bare = re.sub(r'"[^"]*"', "", expression)
    bare = re.sub(r"\{[^}]*\}|by\s*\([^)]*\)|\[[^\]]*\]", " ", bare)
    return set(re.findall(r"[a-zA-Z_:][\w:]*", bare)) - _WORDS


def test_the_reader_of_expressions_finds_names() -> None:
    said = 'sum by (le) (rate(a_b{route="/{x}",c!="d"}[5m])) / max(up) > 2 or vector(0)'
    assert series(said) == {"a_b", "up"}


@pytest.mark.parametrize("expression", expressions())
async def test_dashboard_and_alerts_use_what_is_measured(
    expression: str, measured: dict[str, set[str]]
) -> None:
    names = series(expression)
    assert names
    assert names - measured.keys() == set()
    labels = set(re.findall(r'(\w+)\s*(?:=~|!~|!=|=)\s*"', expression))
    labels |= {
        word.strip() for part in re.findall(r"by\s*\(([^)]*)\)", expression) for word in part.split(",")
    }
    assert labels <= set().union(*(measured[name] for name in names))
    for service, route in re.findall(r'service="(\w+)"[^}]*?route="([^"]+)"', expression):
        document = json.loads((ROOT / "services" / service / "openapi.json").read_text(encoding="utf-8"))
        assert route in document["paths"]


async def test_no_label_can_name_anybody(measured: dict[str, set[str]]) -> None:
    assert sorted(label for label in set().union(*measured.values()) if PRIVATE.search(label)) == []


async def test_the_page_lists_every_series(measured: dict[str, set[str]]) -> None:
    page = (ROOT / "docs/running-it.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"`([a-z_]+)`", page))
    names = {name for name in measured if name != "up" and not name.endswith("_created")}
    ours = {re.sub(r"_(bucket|count|sum)$", "", name) for name in names}
    ours = {name for name in ours if not name.startswith(("process_", "python_"))}
    assert ours - listed == set()


# ---------------------------------------------------------------- panels and alerts


def test_panels_do_not_lie_on_each_other() -> None:
    taken: dict[tuple[int, int], str] = {}
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                assert (x, y) not in taken, (panel["title"], taken[x, y])
                taken[x, y] = panel["title"]
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(set(ids)) == len(ids)


def test_every_alert_has_its_place_in_the_runbook() -> None:
    page = (ROOT / "docs/runbook.md").read_text(encoding="utf-8")
    headings = re.findall(r"^### (\w+)$", page, re.M)
    assert headings == [rule["alert"] for rule in RULES]
    for rule in RULES:
        said = rule["annotations"]
        assert set(said) == {"summary", "description", "runbook"}
        assert said["runbook"] == f"docs/runbook.md#{rule['alert'].lower()}"
        assert rule["labels"]["severity"] in ("critical", "warning")


def test_every_alert_is_tried() -> None:
    """By promtool (`make deployment`); an alert that no test expects to fire is not tried."""
    tests = yaml.safe_load((DEPLOY / "monitoring/alerts_test.yaml").read_text(encoding="utf-8"))["tests"]
    fired = {one["alertname"] for test in tests for one in test["alert_rule_test"] if one["exp_alerts"]}
    assert fired == {rule["alert"] for rule in RULES}


# ---------------------------------------------------------------- traces, and who sees what


def test_every_process_of_compose_can_send_traces() -> None:
    laid_over = yaml.safe_load((DEPLOY / "monitoring/compose.tracing.yaml").read_text(encoding="utf-8"))
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    served = {name for name, one in compose["services"].items() if name.removesuffix("-worker") in SERVICES}
    assert set(laid_over["services"]) == served
    for name, one in laid_over["services"].items():
        service = compose["services"][name]["environment"]["SERVICE"]
        known = importlib.import_module(f"{service}.settings").Settings.model_fields
        for variable in one["environment"]:
            assert variable.removeprefix(f"{service.upper()}_").lower() in known


def test_metrics_stay_inside() -> None:
    """The ingress hands on the public paths only, and compose shows the gateway to this machine alone."""
    file = DEPLOY / "kubernetes/overlays/example/services/ingress.yaml"
    (ingress,) = (one for one in yaml.safe_load_all(file.read_text("utf-8")) if one["kind"] == "Ingress")
    assert "defaultBackend" not in ingress["spec"]
    paths = [path for rule in ingress["spec"]["rules"] for path in rule["http"]["paths"]]
    for inside in OPERATIONS:
        for path in paths:
            assert path["pathType"] in ("Exact", "Prefix")
            assert not inside.startswith(path["path"].rstrip("/"))
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    for name, service in compose["services"].items():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", [])), name
