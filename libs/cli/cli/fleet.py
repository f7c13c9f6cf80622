"""Runs the services as child processes, with one readable log, and stops them in order."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, cast

import httpx

from cli import house, processes
from cli.errors import Refusal
from cli.house import Addresses
from cli.ports import LOOPBACK, free

_READY_S = 60
_LOOK_S = 0.05
_DRAIN_S = 5
_NAME_WIDTH = 12
_WORKER = "-worker"


@dataclass(slots=True)
class Fleet:
    """The running children. Use as a context manager: leaving stops all, last started first.

    Args:
        apps: service -> uvicorn factory (`quota.app:create_app`).
        env: the environment of every child.
        logs: folder for one log file per child.
        echo: also gets every line, prefixed by the child's name; None: files only.
        single: all services in one process.
        workers: services whose jobs run in a process of their own, named `<service>-worker`.
    """

    apps: Mapping[str, str]
    where: Addresses
    env: Mapping[str, str]
    logs: Path
    echo: Callable[[str], None] | None = None
    single: bool = False
    workers: Sequence[str] = ()
    children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    _worker_ports: dict[str, int] = field(default_factory=dict)
    _readers: dict[str, threading.Thread] = field(default_factory=dict)

    def __enter__(self) -> "Fleet":
        try:
            if self.single:
                pairs = [f"{name}={app}@{self.where.ports[name]}" for name, app in self.apps.items()]
                self.start_child("all", ["-m", "cli.single", *pairs], self.env)
            else:
                for name in self.names():
                    self.start_service(name)
            self.wait_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def start_service(self, name: str) -> None:
        """Start one service or worker in a process of its own (again, after `stop_service`)."""
        service = name.removesuffix(_WORKER)
        env = house.only(self.env, service)
        if service in self.workers:
            env[f"{service.upper()}_WORKER"] = "off" if name == service else "only"
        command = ["-m", "common.serving", self.apps[service], "--host", LOOPBACK]
        command += ["--port", str(self._port(name)), "--grace", str(house.GRACE_S)]
        self.start_child(name, command, env)

    def stop_service(self, name: str) -> None:
        """Stop one service or worker; the others stay."""
        processes.stop(self.children.pop(name))
        self._readers.pop(name).join(_DRAIN_S)

    def kill_service(self, name: str) -> None:
        """End one service or worker by kill -9, as a crash does; it can be started again."""
        child = self.children.pop(name)
        child.kill()
        child.wait()
        self._readers.pop(name).join(_DRAIN_S)

    def start_child(self, name: str, arguments: Sequence[str], env: Mapping[str, str]) -> None:
        """Start a Python child whose output goes to the log."""
        command = [sys.executable, *arguments]
        child = processes.start(command, env=env, cwd=self.logs.parent, output=subprocess.PIPE)
        self.children[name] = child
        reader = threading.Thread(target=self._read, args=(name, child), daemon=True)
        reader.start()
        self._readers[name] = reader

    def wait_ready(self, timeout_s: float = _READY_S) -> None:
        """Wait until every service says that it is ready.

        Raises:
            Refusal: one ended, or was not ready in time.
        """
        deadline = time.monotonic() + timeout_s
        waiting = self.names()
        with httpx.Client(trust_env=False, timeout=2) as http:
            while waiting:
                self.refuse_dead()
                waiting = [service for service in waiting if not self._is_ready(http, service)]
                if waiting and time.monotonic() > deadline:
                    raise Refusal(
                        f"{', '.join(waiting)} not ready after {timeout_s:g} s; see the logs in {self.logs}."
                    )
                if waiting:
                    time.sleep(_LOOK_S)

    def refuse_dead(self) -> None:
        """
        Raises:
            Refusal: a child has ended by itself.
        """
        for name, child in self.children.items():
            if child.poll() is not None:
                self._readers[name].join(_DRAIN_S)
                raise Refusal(f"{name} ended with exit code {child.returncode}:\n{self._tail(name)}")

    def stop(self) -> None:
        """Stop all, the last started first, so that nobody is called by one that is still up."""
        for name in reversed(list(self.children)):
            self.stop_service(name)

    def _is_ready(self, http: httpx.Client, name: str) -> bool:
        """Our own child answers, not that of another house which took the port at the same moment."""
        try:
            answer = http.get(f"http://{LOOPBACK}:{self._port(name)}/readyz")
        except httpx.TransportError:
            return False
        if answer.status_code != httpx.codes.OK:
            return False
        service = name.removesuffix(_WORKER)
        return bool(answer.json()["instance"] == self.env[f"{service.upper()}_INSTANCE"])

    def names(self) -> list[str]:
        """All children of a fleet in processes of their own: the services, then the workers."""
        return [*self.apps, *(f"{service}{_WORKER}" for service in self.workers)]

    def _port(self, name: str) -> int:
        if name in self.where.ports:
            return self.where.ports[name]
        return self._worker_ports.setdefault(name, free())

    def _read(self, name: str, child: subprocess.Popen[bytes]) -> None:
        file_name = self.logs / f"{name}.log"
        with cast(IO[bytes], child.stdout) as lines, file_name.open("ab", buffering=0) as file:
            for line in lines:
                file.write(line)
                if self.echo is not None:
                    self.echo(f"{name:<{_NAME_WIDTH}}| {line.decode(errors='replace').rstrip()}")

    def _tail(self, name: str, lines: int = 15) -> str:
        file = self.logs / f"{name}.log"
        return "\n".join(file.read_text(errors="replace").splitlines()[-lines:]) if file.exists() else ""
