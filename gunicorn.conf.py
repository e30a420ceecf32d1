"""gunicorn as the Procfile starts it. Each value has its reason beside it.

Settings are read here first, so that a wrong one stops the start with one line and no traceback.
"""

import ctypes
import math
import os
import socket
import sys
from contextlib import suppress
from typing import Any

from gunicorn.glogging import Logger
from gunicorn.util import close_graceful
from gunicorn.workers.gthread import ThreadWorker

from webhook.recipes.load import load as load_recipes
from webhook.settings import SettingsError, load
from webhook.store import Store, StoreUnavailable
from webhook.store.migrate import StoreBehind, prepare

try:
    settings = load()
    load_recipes(settings.recipes_dir)
except SettingsError as error:
    sys.exit(str(error))

bind = f"0.0.0.0:{settings.port}"


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


# The work is waiting for OZmap, which threads do well and cheaply. Two processes keep two cores busy and
# one bad moment of one of them from stopping all chats.
worker_class = Worker
workers = settings.processes
threads = 32

# The application is loaded once and its memory shared. It opens no socket and no thread before the fork.
preload_app = True

# glibc gives each thread a heap of its own, which hardly shrinks; two are enough behind one interpreter lock
# (M_ARENA_MAX in malloc.h). After 60,000 requests of bench.hostile: 246 MiB, and 277 without it.
with suppress(AttributeError):  # another C library
    ctypes.CDLL(None).mallopt(-8, 2)

# For gthread this only catches a worker that is stuck as a whole: the limit of a request is REPLY_DEADLINE.
timeout = 30

# A running reply leaves within REPLY_DEADLINE. Hosts such as Heroku kill after 30 s.
graceful_timeout = math.ceil(settings.reply_deadline) + 10

# Longer than the pauses of a chatbot platform's connection pool, so that a flow's next step finds it open.
keepalive = 75

# The longest line that gunicorn can be told to take: blocks that can only GET put everything into it.
limit_request_line = 8190

# The worker's heartbeat file must not wait for a disk.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None

# Nobody here uses it, and whoever reaches it can stop the server.
control_socket_disable = True

# The application writes one line per request. Whoever turns gunicorn's own on gets that line's protocolo and
# no address: a query string has places and phones in it, a mistyped path may.
accesslog = None
access_log_format = "%(t)s %(m)s %({x-request-id}o)s %(s)s %(b)s %(D)sus"


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


logger_class = QuietLogger


def pre_request(_: Any, request: Any) -> None:
    """Says `Connection: close` where the connection may have to end (gunicorn's own hook logs addresses).

    Of a body that was refused unread gunicorn discards less than 64 kB, then it closes: without a word, and
    the caller's next request gets no reply. How long a body in chunks will be nobody knows at this point.
    """
    if int(dict(request.headers).get("CONTENT-LENGTH", 0)) >= 64 * 1024:
        request.force_close()


def on_starting(_: Any) -> None:
    """Once, before the first fork; leaves nothing open that a fork would share."""
    store = Store(settings.database_url)
    try:
        prepare(store)
    except StoreBehind as error:
        sys.exit(str(error))
    except StoreUnavailable as error:
        # A file that cannot be made is a wrong setting. A server may come back: until then feasibility works.
        if store.is_sqlite:
            sys.exit(str(error))
