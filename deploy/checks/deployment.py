"""The files below deploy/, judged by the tools that judge such files; a tool that is not there is named.

`make tools` fetches the tools. What needs none is in tests/checks/test_deployment.py.
"""

import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from cli import parts

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
OVERLAYS = ("foundation", "migrations", "services", "secrets")
_COMPOSE = """
import json, re, sys, yaml
from compose_spec import PyCompose
variable = re.compile(r"\\$\\{\\w+(?::-([^}]*)|:\\?[^}]*)?\\}")
def filled(value):
    if isinstance(value, dict):
        return {name: filled(one) for name, one in value.items()}
    if isinstance(value, list):
        return [filled(one) for one in value]
    return variable.sub(lambda match: match[1] or "set", value) if isinstance(value, str) else value
found = PyCompose.from_yaml(json.dumps(filled(yaml.safe_load(open(sys.argv[1], encoding="utf-8")))))
found.validate()
"""


class Failed(Exception):
    """A tool found faults; the message is what it said."""


def judge(command: Sequence[str]) -> str:
    """What a program says.

    Raises:
        Failed: it exits with another code than 0.
    """
    done = _run(command)
    if done.returncode != 0:
        raise Failed((done.stdout + done.stderr).strip()[-3000:])
    return done.stdout


def _run(command: Sequence[str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def dockerfile() -> None:
    judge([parts.path("hadolint"), str(DEPLOY / "docker" / "Dockerfile")])


def compose() -> None:
    judge([parts.path("compose-spec"), "-c", _COMPOSE, str(DEPLOY / "compose.yaml")])


def overlays() -> None:
    """Every part of the example is built; built or not, what Kubernetes would get follows its schema."""
    builder = [parts.path("kubectl"), "kustomize"]
    with tempfile.TemporaryDirectory() as folder:
        for part in OVERLAYS:
            text = judge([*builder, str(DEPLOY / "kubernetes" / "overlays" / "example" / part)])
            (Path(folder) / f"{part}.yaml").write_text(text, encoding="utf-8")
        _validate(sorted(Path(folder).iterdir()))


def resources() -> None:
    """The sources themselves; patches and kustomizations are no resources."""
    found = (DEPLOY / "kubernetes").rglob("*.yaml")
    _validate(sorted(file for file in found if file.name not in ("kustomization.yaml", "pod.yaml")))


def _validate(files: Sequence[Path]) -> None:
    judge([parts.path("kubernetes-validate"), "--strict", "--quiet", *map(str, files)])


def alerts() -> None:
    promtool, folder = parts.path("promtool"), DEPLOY / "monitoring"
    judge([promtool, "check", "config", str(folder / "prometheus.yaml")])
    judge([promtool, "test", "rules", str(folder / "alerts_test.yaml")])


CHECKS: dict[str, Callable[[], None]] = {
    "Dockerfile": dockerfile,
    "compose.yaml": compose,
    "Kubernetes, sources": resources,
    "Kubernetes, built": overlays,
    "Prometheus rules": alerts,
}


def main() -> int:
    """Prints one line per check and one with what is missing; 1 where a tool found faults."""
    failed, missing = False, []
    for name, check in CHECKS.items():
        try:
            check()
        except parts.PartMissing as tool_missing:
            missing.append(f"{name}: {tool_missing}")
        except Failed as faults:
            failed = True
            print(f"{name}: faults\n{faults}")
        else:
            print(f"{name}: good")
    if missing:
        print(f"skipped, a tool is missing: {'; '.join(missing)}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
