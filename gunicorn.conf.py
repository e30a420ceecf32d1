"""gunicorn as the Procfile starts it. Each value has its reason beside it.

Settings are read here first, so that a wrong one stops the start with one line and no traceback.
"""

import ctypes
import math
import os
import sys
import tempfile
from contextlib import suppress

# Memory where there is any: counting must not wait for a disk.
memory = "/dev/shm" if os.path.isdir("/dev/shm") else None

# Where the processes count, for one of them to add it up. prometheus_client looks for it when it is imported,
# with `webhook`; at a HUP, which reads this file again, it has been.
if "webhook" not in sys.modules:
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="webhook-metrics-", dir=memory)

from webhook.process import gunicorn_hooks as serving

settings = serving.settings_at_start()

bind = f"0.0.0.0:{settings.port}"

# The work is waiting for OZmap, which threads do well and cheaply. Two processes keep two cores busy and
# one bad moment of one of them from stopping all chats.
worker_class = serving.ClosingThreadWorker
workers = settings.processes
# One per chat that waits (webhook.web.app.MOST_AT_ONCE), and some to say `ocupado` with. 200 chats by radius
# on an OZmap of 3 s (python -m bench chats) had a p99 of 14.3 s with 32 threads, 8.0 with 64, 3.6 with 128
# and 3.2 with 256, on a busy machine; calls per second at 16 connections did not differ.
threads = 192
# gunicorn's own backlog, 2048, refused nobody when 1,000 chats came within a second.

# The application is loaded once and its memory shared. It opens no socket and no thread before the fork.
preload_app = True

# glibc gives each thread a heap of its own, which hardly shrinks; one is enough behind one interpreter lock
# (M_ARENA_MAX in malloc.h). A thousand chats by pole took 360 MiB with one, and 381 with two.
# It also learns to keep large blocks there, between which small ones stay. With a fixed size from which a
# block is given back at once (M_MMAP_THRESHOLD), 40 answers of 7 MB, seven times, left both processes with
# 130 MiB in place of 167.
with suppress(AttributeError):  # another C library
    libc = ctypes.CDLL(None)
    libc.mallopt(-8, 1)
    libc.mallopt(-3, 256 * 1024)

# For gthread this only catches a worker that is stuck as a whole: the limit of a request is REPLY_DEADLINE.
timeout = 30

# A running reply leaves within REPLY_DEADLINE. Hosts such as Heroku kill after 30 s.
graceful_timeout = math.ceil(settings.reply_deadline) + 10

# Longer than whoever stands in front keeps an idle connection (Heroku's router 90 s, deploy/Caddyfile 60 s):
# else it may send a call on one that is just being closed. And a flow's next step finds it open.
keepalive = 100

# The longest line that gunicorn can be told to take: blocks that can only GET put everything into it.
limit_request_line = 8190

# The worker's heartbeat file must not wait for a disk.
worker_tmp_dir = memory

# No header may change the path: `SCRIPT_NAME: /l` makes /readyz of /l/readyz, which a proxy lets through.
# gunicorn believes it of any caller on this machine, and so of a proxy that passes it on.
forwarder_headers = ""

# Nobody here uses it, and whoever reaches it can stop the server.
control_socket_disable = True

# The application writes one line per request. Whoever turns gunicorn's own on gets that line's protocolo and
# no address: a query string has places and phones in it, a mistyped path may.
accesslog = None
access_log_format = "%(t)s %(m)s %({x-request-id}o)s %(s)s %(b)s %(D)sus"

logger_class = serving.QuietLogger

pre_request = serving.pre_request
on_starting = serving.on_starting
pre_fork = serving.pre_fork
when_ready = serving.when_ready
post_worker_init = serving.post_worker_init
on_reload = serving.on_reload
worker_exit = serving.worker_exit
child_exit = serving.child_exit
on_exit = serving.on_exit
