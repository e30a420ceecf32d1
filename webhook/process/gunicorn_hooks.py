"""Our parts of gunicorn: hooks, worker class and logger. gunicorn.conf.py has its settings."""

import gc
import os
import shutil
import signal
import socket
import sys
from contextlib import suppress
from functools import cache
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn, cast

from gunicorn.glogging import Logger
from gunicorn.util import close_graceful
from gunicorn.workers import gthread
from prometheus_client.multiprocess import mark_process_dead
from werkzeug.exceptions import HTTPException

from webhook.net.sockets import tls_context
from webhook.observe import log
from webhook.observe.defects import defect_site
from webhook.ozmap.warming import keep_warm
from webhook.process import stopping
from webhook.process.incoming import CallerBody, CallerSocket
from webhook.process.spread import Connections, SpreadingWorker
from webhook.recipes.load import load as load_recipes
from webhook.settings import Settings, SettingsError, load
from webhook.store import Store, StoreUnavailable
from webhook.store.migrate import WrongStore, prepare
from webhook.web.actions.base import Services
from webhook.web.context import MARGIN
from webhook.web.conversations import conversations_of

if TYPE_CHECKING:
    from flask import Flask
    from gunicorn.arbiter import Arbiter
    from gunicorn.http.message import Request
    from gunicorn.workers.base import Worker

DEFER: bool = vars(gthread)["_DEFER"]
"""What a worker's `handle` returns for a connection that is to be watched until its first byte."""
STOP_PAUSE = 2.0
"""Seconds for which a process that was told to stop still takes connections, while /readyz says no.

Long enough for a proxy that checks every second. honcho kills 5 seconds after TERM and Heroku 30, so
requests that are running then still have time.
"""
SILENCE = 0.1
"""Seconds that a thread waits for the first byte of a new connection; gunicorn's are five.

Afterwards the thread that accepts connections watches it. Browsers open connections that they may need.
"""


class ClosingThreadWorker(SpreadingWorker):
    """gthread, but a request must come within the reply deadline, and its thread also ends the connection.

    gunicorn waits up to two seconds for the caller to close it, in the thread that accepts all requests, so
    one slow client could stall every request.
    """

    def handle(self, conn: gthread.TConn) -> bool:
        """True keeps the connection, False ends it."""
        if not isinstance(conn.sock, CallerSocket):
            conn.sock = CallerSocket(fileno=conn.sock.detach())
        if not conn.initialized and not conn.wait_for_data(SILENCE):
            return DEFER
        conn.sock.begin(settings_at_start().reply_deadline - MARGIN)
        keep = super().handle(conn)
        if keep is False:
            with suppress(OSError):
                # A copy is drained and closed here; what gunicorn does to the original then ends at once.
                close_graceful(conn.sock.dup())
                conn.sock.shutdown(socket.SHUT_RDWR)
        return keep

    def _keepalive_after(self, conn: gthread.TConn, keepalive: bool) -> bool:
        try:
            keep: bool = super()._keepalive_after(conn, keepalive)  # type: ignore[misc]
        except HTTPException:  # the rest of a body that nobody read is broken, or does not come
            return False
        return keep


class QuietLogger(Logger):
    """gunicorn quotes request lines and headers that it cannot read: they may contain a key or a place."""

    def warning(self, msg: object, *args: object, **kwargs: Any) -> None:
        """Says that a request could not be read, but not what it was."""
        text = str(msg)
        super().warning(text.partition(" from ip=")[0] if text.startswith("Invalid request") else msg, *args)

    def exception(self, msg: object, *args: object, **kwargs: Any) -> None:
        """Names the kind of error and where it came from, but neither its text nor the request."""
        error = sys.exc_info()[1]
        if isinstance(error, TimeoutError):
            super().debug("A request did not come in time")
        elif isinstance(error, Exception):
            super().error("%s: %s", str(msg).partition(" %")[0], defect_site(error))
        else:
            super().exception(msg, *args, **kwargs)


@cache
def settings_at_start() -> Settings:
    """For gunicorn's own values: they come from the environment, which no reload changes."""
    try:
        settings = load()
        conversations_of(settings, load_recipes(settings.recipes_dir))
    except SettingsError as error:
        _refuse(error)
    return settings


def on_starting(_: "Arbiter") -> None:
    """Once, before the first fork: leaves nothing open that the processes would share."""
    store = Store(settings_at_start().database_url)
    try:
        prepare(store)
    except WrongStore as error:
        _refuse(error)
    except StoreUnavailable as error:
        # A file that cannot be made is a wrong setting. A server may come back: until then feasibility works.
        if store.is_sqlite:
            _refuse(error)


def _refuse(error: Exception) -> NoReturn:
    _delete_counts()
    sys.exit(str(error))


def when_ready(server: "Arbiter") -> None:
    """In the master: from the moment of a TERM, `/readyz` of all processes says no."""

    def stop(number: int, frame: FrameType | None) -> None:
        stopping.begin()
        server.signal(number, frame)

    signal.signal(signal.SIGTERM, stop)


def pre_fork(_: "Arbiter", __: "Worker") -> None:
    """Freeze all objects: a collector that visited them would make each process copy them (50 MB)."""
    gc.unfreeze()  # after a reload the old application is garbage
    gc.collect()
    gc.freeze()


def post_worker_init(worker: "Worker") -> None:
    """In a worker: start its background threads, log what threads end with, act on a TERM after STOP_PAUSE.

    The pause is here and not in the master, because honcho and systemd signal all processes at once.
    """
    services = _services(worker)
    demand = services.demand
    demand.start()

    def stop(*_: object) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        demand.hurry()
        signal.setitimer(signal.ITIMER_REAL, STOP_PAUSE)

    log.watch_threads()
    keep_warm(services.accounts.values())
    signal.signal(signal.SIGALRM, worker.handle_exit)
    signal.signal(signal.SIGTERM, stop)
    for number in (signal.SIGALRM, signal.SIGTERM):
        # As in gunicorn: a signal must not interrupt the system calls of running requests.
        signal.siginterrupt(number, False)


def on_reload(server: "Arbiter") -> None:
    """HUP: the next workers get the new settings, or keep the old ones if the new are wrong."""
    # A CA file may have new content under the same name.
    tls_context.cache_clear()
    try:
        server.app.callable = server.app.load()
    except Exception as error:
        # Any exception that left this hook would end the service.
        why = str(error) if isinstance(error, SettingsError) else defect_site(error)
        if server.log:  # None only before the master has set itself up
            server.log.error("HUP: nothing is changed, because of\n%s", why)


def worker_exit(_: "Arbiter", worker: "Worker") -> None:
    """In a worker whose requests have ended: exit without waiting for its other threads.

    They run lookups whose reply has already left, up to half a minute with a slow OZmap; the next request
    for the place looks again.
    """
    if worker.booted:
        _services(worker).demand.write()
        sys.stdout.flush()
        os._exit(0)


def _services(worker: "Worker") -> Services:
    services: Services = cast("Flask", worker.wsgi).extensions["webhook"]
    return services


def child_exit(_: "Arbiter", worker: "Worker") -> None:
    """Keep the totals that a dead process counted, but drop its gauges and its connections."""
    mark_process_dead(worker.pid)
    Connections(worker.age).end()


def on_exit(_: "Arbiter") -> None:
    """The counts end with the service."""
    _delete_counts()


def _delete_counts() -> None:
    shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)


def pre_request(_: "Worker", request: "Request") -> None:
    """Bound the reading of the body, and send `Connection: close` if the connection may have to end.

    gunicorn's own hook logs addresses.

    Of a refused body gunicorn discards less than 64 kB, then closes the connection without a word, and the
    caller's next request gets no reply. The length of a chunked body is not known at this point.
    """
    body: Any = request.body
    if body:  # None only before gunicorn has parsed the headers
        body.reader = CallerBody(request, body.reader)
    if int(dict(request.headers).get("CONTENT-LENGTH", 0)) >= 64 * 1024:
        request.force_close()
