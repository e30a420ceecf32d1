"""python -m webhook worker: delivers what callers were promised, until SIGTERM."""

import argparse
import signal
import sys

from webhook.cli import Commands
from webhook.observe import log, metrics
from webhook.process.worker import Worker
from webhook.settings import SettingsError, load
from webhook.store import Store
from webhook.store.health import ALIVE_FOR, older_workers
from webhook.store.migrate import prepare

OLDER = (
    "a worker of another version uses this database: stop it and the web of that version first"
    f" (one that was killed counts for {ALIVE_FOR:.0f} s); see docs/deploy.md, Upgrade"
)


def add_to(commands: Commands) -> None:
    parser = commands.add_parser("worker", help="deliver what callers were promised, until SIGTERM")
    parser.set_defaults(run=run)


def run(_: argparse.Namespace) -> int:
    """0 after SIGTERM or SIGINT; 1 if it cannot start."""
    settings = load()
    store = Store(settings.database_url)
    prepare(store)
    older = older_workers(store)
    store.close()
    if older:
        print(OLDER, file=sys.stderr)
        return 1
    if settings.worker_metrics_port:
        _serve_metrics(settings.worker_metrics_port)
    worker = Worker(settings)
    log.watch_threads()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: worker.stop())
    worker.run()
    return 0


def _serve_metrics(port: int) -> None:
    try:
        metrics.serve(port)
    except OSError:
        raise SettingsError([f"WORKER_METRICS_PORT: port {port} cannot be used"]) from None
