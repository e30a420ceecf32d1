"""What takes long, and so is done beside the rounds: half requests, large answers, looks at the service."""

import json
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from time import perf_counter
from types import TracebackType
from typing import Self

import requests

from bench.hostile.contract import Contract
from bench.hostile.rounds import KEYS, Tally, pages_of
from bench.hostile.shots import Shooter
from bench.hostile.wire import Shot, Wire
from bench.processes import Webhook
from sandbox import sample_network

HALVES = 6
"""Half requests at a time; each takes as long as a reply may, so that there are a few hundred in all."""
LARGE_AT_ONCE = 40
LARGE_PAUSE = 8.0
"""Seconds between two times so many large answers."""
LARGE_BYTES = 7_000_000
LARGE = "muitos-imoveis"
"""The client whose properties OZmap answers with at such length."""
LOOKS = 0.5
"""Seconds between two looks at /healthz and the memory."""


def prepare(ozmap: str) -> None:
    """Lets the sandbox at this address answer at length about one client."""
    row = sample_network()["boxes"][0]
    body = json.dumps([row] * (LARGE_BYTES // len(json.dumps(row))))
    fault = {
        "path": f"/properties/client/{LARGE}",
        "status": 200,
        "body": body,
        "content_type": "application/json",
    }
    requests.post(f"{ozmap}/faults", json=fault, timeout=20).raise_for_status()


class Beside:
    """Goes on for as long as its `with` block does."""

    def __init__(self, service: Webhook) -> None:
        self._service = service
        self._base = f"http://127.0.0.1:{service.port}"
        self._document = requests.get(f"{self._base}/openapi.json", timeout=20).json()
        self._contract = Contract(self._document, tuple(KEYS.values()))
        self._over, self._enough = threading.Event(), threading.Event()
        self._lock = threading.Lock()
        self.tally, self.codes = Tally(), Counter[str]()
        """`codes` are those of large answers."""
        self.silence = self.most_mib = 0.0
        """The longest time in seconds until /healthz answered, and the most memory."""

    def __enter__(self) -> Self:
        self._threads = ThreadPoolExecutor(HALVES + 2)
        jobs: list[Callable[[], None]] = [self._large, self._watch]
        jobs += [partial(self._halves, number) for number in range(HALVES)]
        self._running: list[Future[None]] = [self._threads.submit(job) for job in jobs]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._enough.set()
        self._threads.shutdown()
        for job in self._running:
            job.result()

    def end_large(self) -> None:
        """No more of them: the interpreter keeps some of their memory, all that it ever will by now."""
        self._enough.set()
        self._running[0].result()

    def _halves(self, number: int) -> None:
        """One after the other."""
        name = f"beside-{number}"
        shooter = Shooter(name, self._document, KEYS, pages_of(self._service.port, name))
        while not self._over.is_set():
            self._fire(shooter.half())

    def _large(self) -> None:
        """Many at once, and again after a pause."""
        path, key = b"/huggy/consulta/cliente", KEYS["huggy"].encode()
        headers = ((b"X-Webhook-Key", key), (b"Content-Type", b"application/json"))
        body = json.dumps({"codigo_cliente": LARGE}).encode()
        shot = Shot("large answers", "POST", path, headers, body, allowed=(200,))
        with ThreadPoolExecutor(LARGE_AT_ONCE) as callers:
            while not self._enough.is_set():
                list(callers.map(self._fire, [shot] * LARGE_AT_ONCE))
                self._enough.wait(LARGE_PAUSE)

    def _watch(self) -> None:
        while not self._over.wait(LOOKS):
            began = perf_counter()
            self._fire(Shot("health checks", "GET", b"/healthz", allowed=(200,)))
            self.silence = max(self.silence, perf_counter() - began)
            self.most_mib = max(self.most_mib, self._service.pss_mib())

    def _fire(self, shot: Shot) -> None:
        """On a connection of its own."""
        one, wire = Tally(), Wire(self._service.port)
        reply = one.fire(shot, wire, self._contract)
        wire.close()
        with self._lock:
            self.tally.add(one)
            if reply and shot.kind == "large answers":
                self.codes[json.loads(reply.body)["codigo"]] += 1
