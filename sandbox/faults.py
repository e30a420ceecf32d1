"""Faults: what goes wrong on chosen calls, on purpose."""

import json
import random
import socket
import struct
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from threading import Event, Lock
from typing import Any, Literal, get_args

from werkzeug.wrappers import Response

When = Literal["before", "after"]
Broken = Literal["cut", "half", "silent", "reset"]
Part = Literal["headers", "body"]


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong.

    Without `status` the call's own answer is sent (late, dripping or broken); with it, an answer
    made of `status`, `body`, `content_type` and `headers`. `broken`:
    - `cut`: half of the body, though Content-Length promises all of it, then the end
    - `half`: half of the body with a Content-Length that fits, so half a JSON
    - `silent`: the call is accepted and nothing is ever said
    - `reset`: the connection is reset
    """

    path: str  # below /api/v2; every path that starts so is hit
    method: str | None = None  # None = any
    times: int | None = None  # how many calls are hit; None = until the faults are cleared
    share: float = 1.0  # of the calls that fit, so many are hit; shares of several faults add up
    when: When = "before"  # `delay`, `status`, `silent` and `reset`: before or after the work is done
    delay: float = 0.0  # seconds
    status: int | None = None
    body: Any = None  # text goes out as it is, anything else as JSON, None as no body
    content_type: str | None = None  # without it: JSON, or text/plain for text
    headers: Mapping[str, str] = field(default_factory=dict)
    broken: Broken | None = None
    drip: float = 0.0  # seconds between one byte and the next
    drip_part: Part = "body"

    def __post_init__(self) -> None:
        """Raises ValueError for a word or number that means nothing."""
        words = ((self.when, When), (self.broken, Broken), (self.drip_part, Part))
        for word, known in words:
            if word is not None and word not in get_args(known):
                raise ValueError(f"{word!r} is none of {get_args(known)}")
        if not isinstance(self.path, str) or min(self.delay, self.drip) < 0 or self.times == 0:
            raise ValueError("path is a text, delay and drip are seconds from 0, times counts from 1")
        if not 0 < self.share <= 1:
            raise ValueError("share is more than 0 and at most 1")

    @property
    def instead(self) -> bool:
        """Whether the call's own answer is never sent."""
        return self.status is not None or self.broken in {"silent", "reset"}

    def answer(self) -> Response | None:
        """The answer in place of the call's own, if this fault has one."""
        if self.status is None or self.broken in {"silent", "reset"}:
            return None
        kind = "text/plain; charset=utf-8" if isinstance(self.body, str) else "application/json"
        content = self.body if isinstance(self.body, str | None) else json.dumps(self.body)
        kind = self.content_type or kind
        return Response(content, self.status, dict(self.headers), content_type=kind)


class Faults:
    """The faults that are switched on. The first that fits a call hits it, unless it hits only a share.

    Shares are drawn by a seed, one number per call: the n-th call since then has the same luck in every
    run. Which call is the n-th, the clients decide.
    """

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._chance = random.Random(0)
        self._lock = Lock()

    def reseed(self, seed: int) -> None:
        self._chance.seed(seed)

    def add(self, path: str, **fields: Any) -> Fault:
        """Switches on `Fault(path, **fields)`."""
        fault = Fault(path, **fields)
        with self._lock:
            self._faults.append(fault)
        return fault

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def as_json(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(fault) for fault in self._faults]

    def take(self, method: str, path: str) -> Fault | None:
        """The fault that hits this call, which uses up one of its `times`."""
        with self._lock:
            luck = self._chance.random()
            for place, fault in enumerate(self._faults):
                if path.startswith(fault.path) and fault.method in {None, method}:
                    luck -= fault.share
                    if luck >= 0:
                        continue
                    if fault.times is not None:
                        left = [replace(fault, times=fault.times - 1)] if fault.times > 1 else []
                        self._faults[place : place + 1] = left
                    return fault
        return None


def reset(connection: socket.socket) -> None:
    """Ends a connection with RST in place of FIN."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def say_nothing(connection: socket.socket, stopping: Event) -> None:
    """Holds a connection until the other side leaves or the sandbox stops."""
    connection.settimeout(0.05)
    while not stopping.is_set():
        try:
            if not connection.recv(65536):
                return
        except TimeoutError:
            continue


def send(connection: socket.socket, head: bytes, body: bytes, fault: Fault | None, stopping: Event) -> None:
    """Sends an answer, one byte at a time where the fault says so."""
    if not fault or not fault.drip:
        connection.sendall(head + body)
        return
    whole, slow = (b"", head) if fault.drip_part == "headers" else (head, body)
    connection.sendall(whole)
    for place in range(len(slow)):
        connection.sendall(slow[place : place + 1])
        if stopping.wait(fault.drip):
            return
    connection.sendall(body if fault.drip_part == "headers" else b"")
