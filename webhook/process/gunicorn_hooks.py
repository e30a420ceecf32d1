"""What gunicorn calls, and what of it is ours. Its settings are in gunicorn.conf.py."""

import gc
import os
import shutil
import signal
import socket
import sys
from contextlib import suppress
from functools import cache
from typing import Any, NoReturn

from gunicorn.glogging import Logger
from gunicorn.util import close_graceful
from gunicorn.workers.gthread import ThreadWorker
from prometheus_client.multiprocess import mark_process_dead

from webhook.net.sockets import tls_context
from webhook.observe.defects import defect_site
from webhook.process import stopping
from webhook.recipes.load import load as load_recipes
from webhook.settings import Settings, SettingsError, load
from webhook.store import Store, StoreUnavailable
from webhook.store.migrate import StoreBehind, prepare

STOP_PAUSE = 2.0
"""Seconds for which a process that was told to stop still takes connections, while /readyz says no.

Long enough for a proxy that looks every second. honcho kills 5 seconds after TERM and Heroku 30, so that the
requests that run then have time left.
"""


class Worker(ThreadWorker):
    """gthread, but what a closed connection still has to say is waited for where the request was answered.

    gunicorn waits up to two seconds for the caller to close too, in the thread that takes in all requests: a
    stranger who does not would hold up everybody.
    """

    def handle(self, conn: Any) -> Any:
        """True keeps the connection, False ends it."""
        kept = super().handle(conn)
        if kept is False:
            with suppress(OSError):
                close_graceful(conn.sock.dup())
                conn.sock.shutdown(socket.SHUT_RDWR)
        return kept


class QuietLogger(Logger):
    """gunicorn quotes request lines and headers that it cannot read: a key or a place may be in them."""

    def warning(self, msg: Any, *args: Any, **kwargs: Any) -> None:
        """That a request could not be read, and not what it was."""
        text = str(msg)
        super().warning(text.partition(" from ip=")[0] if text.startswith("Invalid request") else msg, *args)

    def exception(self, msg: Any, *args: Any, **kwargs: Any) -> None:
        """The kind of what went wrong with a request; all of it where no request is involved."""
        if str(msg).startswith("Error handling request"):
            super().error("Error handling request: %s", type(sys.exc_info()[1]).__name__)
        else:
            super().exception(msg, *args, **kwargs)


@cache
def settings_at_start() -> Settings:
    """For gunicorn's own values: they come from the environment, which no reload changes."""
    try:
        settings = load()
        load_recipes(settings.recipes_dir)
    except SettingsError as error:
        _refuse(error)
    return settings


def on_starting(_: Any) -> None:
    """Once, before the first fork; leaves nothing open that a fork would share."""
    store = Store(settings_at_start().database_url)
    try:
        prepare(store)
    except StoreBehind as error:
        _refuse(error)
    except StoreUnavailable as error:
        # A file that cannot be made is a wrong setting. A server may come back: until then feasibility works.
        if store.is_sqlite:
            _refuse(error)


def _refuse(error: Exception) -> NoReturn:
    on_exit(None)
    sys.exit(str(error))


def when_ready(server: Any) -> None:
    """In the master: `/readyz` says no from the moment of a TERM, in all processes."""

    def stop(number: int, frame: Any) -> None:
        stopping.begin()
        server.signal(number, frame)

    signal.signal(signal.SIGTERM, stop)


def pre_fork(_: Any, __: Any) -> None:
    """What is there by now is shared: a collector that visited it would make each process copy it (50 MB)."""
    gc.unfreeze()  # after a reload the application before it is garbage
    gc.collect()
    gc.freeze()


def post_worker_init(worker: Any) -> None:
    """In a worker: a TERM is heard, and obeyed after STOP_PAUSE.

    The pause is here and not in the master, because honcho and systemd tell all processes at once.
    """

    def stop(*_: Any) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.setitimer(signal.ITIMER_REAL, STOP_PAUSE)

    signal.signal(signal.SIGALRM, worker.handle_exit)
    signal.signal(signal.SIGTERM, stop)
    for number in (signal.SIGALRM, signal.SIGTERM):
        # As gunicorn has it: running requests are not to be disturbed.
        signal.siginterrupt(number, False)


def on_reload(server: Any) -> None:
    """HUP: the next workers have the settings of now, or where those cannot be, the ones in use."""
    tls_context.cache_clear()
    try:
        server.app.callable = server.app.load()
    except Exception as error:
        # Whatever left here would end the service.
        why = str(error) if isinstance(error, SettingsError) else defect_site(error)
        server.log.error("HUP: nothing is changed, because of\n%s", why)


def worker_exit(_: Any, worker: Any) -> None:
    """In a worker whose requests have ended: what still runs is nobody's here, and is not waited for.

    Those are lookups whose reply has left, up to half a minute of a slow OZmap; the next call looks anew.
    """
    if worker.booted:
        sys.stdout.flush()
        os._exit(0)


def child_exit(_: Any, worker: Any) -> None:
    """What a dead process counted stays; what it had open does not."""
    mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def on_exit(_: Any) -> None:
    """The counts of a service end with it."""
    shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)


def pre_request(_: Any, request: Any) -> None:
    """Says `Connection: close` where the connection may have to end (gunicorn's own hook logs addresses).

    Of a body that was refused unread gunicorn discards less than 64 kB, then it closes: without a word, and
    the caller's next request gets no reply. How long a body in chunks will be nobody knows at this point.
    """
    if int(dict(request.headers).get("CONTENT-LENGTH", 0)) >= 64 * 1024:
        request.force_close()
