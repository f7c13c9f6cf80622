"""deploy/ as its own tools judge it; a tool that is missing is named."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
from tests.needs import needs

CHECK = Path(__file__).parents[2] / "deploy" / "checks" / "deployment.py"


@pytest.fixture(scope="module")
def check() -> ModuleType:
    spec = importlib.util.spec_from_file_location("deployment", CHECK)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("Dockerfile", marks=needs("hadolint")),
        pytest.param("compose.yaml", marks=needs("compose-spec")),
        pytest.param("Kubernetes, sources", marks=needs("kubernetes-validate")),
        pytest.param("Kubernetes, built", marks=needs("kubectl", "kubernetes-validate")),
        pytest.param("Prometheus rules", marks=needs("promtool")),
    ],
)
def test_the_tools_find_no_fault(check: ModuleType, name: str) -> None:
    check.CHECKS[name]()


def test_every_check_is_run(check: ModuleType) -> None:
    (cases,) = [mark for mark in test_the_tools_find_no_fault.pytestmark if mark.name == "parametrize"]  # type: ignore[attr-defined]
    assert {case.values[0] for case in cases.args[1]} == set(check.CHECKS)
