"""How many connections that send half a request, or nothing, the processes of the Procfile stand."""

import socket
from contextlib import ExitStack
from time import perf_counter, sleep

from bench.processes import KEY, free_port, settings_for, upstream, webhook
from bench.report import Report, run

HEAD = b"POST /huggy/eco HTTP/1.1\r\nHost: x\r\n"
SENT = {
    "nothing": b"",
    "half a head": HEAD,
    "half a body": HEAD + b"X-Webhook-Key: " + KEY.encode() + b"\r\nContent-Length: 99\r\n\r\n{",
}
MANY = (300, 384, 800, 1900, 2100)
"""Two processes have 192 threads each (gunicorn.conf.py), and take in 1,000 connections each (gunicorn)."""
SETTLES = 0.5
"""Seconds until all of them have reached a thread."""
PATIENCE = 30.0
"""Seconds for a reply."""


def measure(report: Report) -> None:
    """A row for each way: seconds until another caller's /healthz is answered while so many are open."""
    sizes = report.size(MANY, quick=MANY[:1])
    report.table("each has sent", *(f"{many} open: s" for many in sizes))
    ozmap = free_port()
    with upstream(ozmap), webhook(settings_for(ozmap)) as service:
        for name, sent in SENT.items():
            report.row(name, *(_healthz_with(service.port, many, sent) for many in sizes))


def _healthz_with(port: int, many: int, sent: bytes) -> str:
    with ExitStack() as opened:
        for _ in range(many):
            opened.enter_context(_connect(port)).sendall(sent)
        sleep(SETTLES)
        began = perf_counter()
        try:
            with _connect(port) as caller:
                caller.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
                caller.recv(1)
        except TimeoutError:
            return f"over {PATIENCE:.0f}"
        seconds = perf_counter() - began
    sleep(SETTLES)
    return f"{seconds:.2f}"


def _connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), PATIENCE)


if __name__ == "__main__":
    run("half_open", measure)
