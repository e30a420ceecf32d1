"""The service as the Procfile starts it, and what it is measured against, as processes."""

import os
import random
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]
KEY = "key-of-the-bench"
"""Of flows, on both platforms."""
STARTS_WITHIN = 300.0
"""Seconds. A start takes two of CPU, and 8 beside the whole suite on a quiet machine. On a slow one 60 were
once too few."""


def command_of(name: str, through: str | None = None) -> list[str]:
    """A line of the Procfile, run by the module `through` if there is one."""
    lines = dict(line.split(":", 1) for line in (ROOT / "Procfile").read_text().splitlines())
    command = shlex.split(lines[name])
    return ["python", "-m", through, *command] if through else command


def release(variables: Mapping[str, str]) -> None:
    """What a host does before it starts a new version. Raises CalledProcessError."""
    subprocess.run(
        command_of("release"), cwd=ROOT, env=_environment(variables), check=True, capture_output=True
    )


def _environment(variables: Mapping[str, str]) -> dict[str, str]:
    """With the commands of this Python first."""
    return os.environ | variables | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}


def free_port() -> int:
    """A port of the loopback that nobody uses."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


class Service:
    """A process and its children, which are killed together as by a host that loses power."""

    def __init__(self, command: Sequence[str], variables: Mapping[str, str], log: Path) -> None:
        self._command, self._log = command, log
        self._variables = _environment(variables)
        self.kills = self.restarts = 0
        self._changing = threading.Lock()
        self._start()

    def _start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, cwd=ROOT, env=self._variables, stdout=log, stderr=log, start_new_session=True
            )

    def send(self, number: signal.Signals) -> None:
        """To the process alone."""
        self._process.send_signal(number)

    def printed(self) -> str:
        """All that it has said, its log and its errors."""
        return self._log.read_text(errors="replace")

    def kill(self) -> None:
        """SIGKILL, and a new start."""
        with self._changing:
            self._end(signal.SIGKILL)
            self.kills += 1
            self._start()

    def kill_child(self, chance: random.Random) -> None:
        """SIGKILL for one of its children, which it replaces by itself."""
        with self._changing:
            if children := sorted(self.family() - {self._process.pid}):
                with suppress(ProcessLookupError):
                    os.kill(chance.choice(children), signal.SIGKILL)

    def wait(self) -> None:
        """Until it has ended by itself."""
        self._process.wait(STARTS_WITHIN)

    def stop(self) -> None:
        """SIGTERM, as a host does before it restarts; then SIGKILL for what is left."""
        self.send(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self.wait()
        self._end(signal.SIGKILL)

    def check(self, passing: str | None = None) -> None:
        """Starts it again, as a host does, when it has ended by itself with `passing` as its last words.

        Raises RuntimeError when it has ended with others.
        """
        with self._changing:
            ended = self._process.poll()
            if ended is None:
                return
            end = self.printed()[-2000:]
            if passing is None or not end.rstrip().endswith(passing):
                raise RuntimeError(f"{self._command} ended with {ended}:\n{end}")
            self._end(signal.SIGKILL)
            self.restarts += 1
            self._start()

    def listens(self, port: int, passing: str | None = None) -> None:
        """Returns when somebody does. Raises RuntimeError when nobody will. `passing` as in `check`."""
        until = time.monotonic() + STARTS_WITHIN
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            self.check(passing)
            if time.monotonic() > until:
                raise RuntimeError(f"{self._command} does not listen at {port}:\n{self.printed()[-2000:]}")
            time.sleep(0.005)

    def family(self) -> Set[int]:
        """Its process and all that come from it."""
        return self._stats().keys()

    def cpu_s(self) -> float:
        """Seconds of CPU that they have had."""
        ticks = sum(int(fields[11]) + int(fields[12]) for fields in self._stats().values())
        return ticks / os.sysconf("SC_CLK_TCK")

    def _stats(self) -> dict[int, list[str]]:
        """By process id, its fields in /proc/PID/stat from `state` on (man 5 proc)."""
        found = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):  # ended meanwhile
                fields = stat.read_text().rpartition(")")[2].split()
                if int(fields[3]) == self._process.pid:
                    found[int(stat.parent.name)] = fields
        return found

    def _end(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)
        self._process.wait()


@contextmanager
def running(command: Sequence[str], port: int, **variables: str) -> Iterator[Service]:
    """A command that listens at `port`, stopped at the end."""
    with TemporaryDirectory() as logs:
        service = Service(command, {**variables, "PORT": str(port)}, Path(logs) / "log")
        try:
            service.listens(port)
            yield service
        finally:
            service.stop()


@contextmanager
def upstream(port: int, *options: str) -> Iterator[Service]:
    """bench.upstream."""
    with running([sys.executable, "-m", "bench.upstream", str(port), *options], port) as service:
        yield service


@dataclass(frozen=True)
class Webhook:
    """Web and worker."""

    port: int
    web: Service
    worker: Service

    def pss_mib(self) -> float:
        """Memory of all their processes now, what they share counted once (proportional set size)."""
        kib = 0
        for pid in self.web.family() | self.worker.family():
            with suppress(OSError):
                rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
                kib += int(rollup.partition("\nPss:")[2].split()[0])
        return kib / 1024


def settings_for(ozmap: int) -> dict[str, str]:
    """Of a service whose OZmap listens at this port of the loopback."""
    return {
        "OZMAP_URL": f"http://127.0.0.1:{ozmap}",
        "OZMAP_TOKEN": "bench",
        "HUGGY_KEY": KEY,
        "FIVEHUB_KEY": KEY,
        "GEOCODER": "none",
    }


@contextmanager
def webhook(variables: Mapping[str, str], through: str | None = None) -> Iterator[Webhook]:
    """Release, web and worker of the Procfile, on an empty SQLite store where `variables` name none."""
    port = free_port()
    with TemporaryDirectory() as folder, ExitStack() as running:
        settings = {"DATABASE_URL": f"sqlite:///{folder}/webhook.db", "PORT": str(port), **variables}
        release(settings)
        started = []
        for name in ("web", "worker"):
            service = Service(command_of(name, through), settings, Path(folder) / name)
            running.callback(service.stop)
            started.append(service)
        started[0].listens(port)
        yield Webhook(port, *started)
