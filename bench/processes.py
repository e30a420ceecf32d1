"""The service as the Procfile starts it, and what it is measured against, as processes."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.campaign.run import _listens
from bench.campaign.services import Service, command_of, release
from bench.radius_lookup import free_port


@contextmanager
def running(command: Sequence[str], port: int, **variables: str) -> Iterator[Service]:
    """A command that listens at `port`, stopped at the end."""
    with TemporaryDirectory() as logs:
        service = Service([*command], {**variables, "PORT": str(port)}, Path(logs) / "log")
        try:
            _wait(service, port)
            yield service
        finally:
            service.stop()


def _wait(service: Service, port: int) -> None:
    while not _listens(port):
        service.check()
        time.sleep(0.1)


@dataclass(frozen=True)
class Webhook:
    """Web and worker."""

    port: int
    web: Service
    worker: Service

    def pss_mib(self) -> float:
        """Memory of all their processes now, what they share counted once (proportional set size)."""
        kib = 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):
                session = int(stat.read_text().rpartition(")")[2].split()[3])
                if session in {self.web._process.pid, self.worker._process.pid}:
                    rollup = (stat.parent / "smaps_rollup").read_text()
                    kib += int(rollup.partition("\nPss:")[2].split()[0])
        return kib / 1024


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
        _wait(started[0], port)
        yield Webhook(port, *started)
