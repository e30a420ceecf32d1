"""Callers: wrk where calls per second count, and chats of our own where each answer does.

wrk costs 0.07 ms of CPU a call, a pool of Python threads 0.2 ms, where the service costs 1.5 ms: on two cores
what the loader takes the measured one lacks. Its Lua script sends another place in each call and counts
wrong answers. It cannot tell whose answer came, wait as a chat does, or say what became of a connection:
`Caller` can.
"""

import asyncio
import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import perf_counter
from typing import Any

from bench.lattice import Place
from bench.processes import KEY

SCRIPT = Path(__file__).with_name("wrk.lua")
ROUTES = {"radius": "/fivehub/viabilidade", "pole": "/huggy/viabilidade"}
PATIENCE = 30.0
"""Seconds after which a caller takes a call for lost."""


@dataclass(frozen=True)
class Rush:
    """What one run of wrk measured."""

    median_ms: float
    p99_ms: float
    calls: int
    rate: float
    """Calls per second."""


def rush(port: int, path: str, connections: int, seconds: int, method: str = "POST") -> Rush:
    """As many calls as these connections can make. Raises RuntimeError when any of them went wrong."""
    wrk = shutil.which("wrk")
    if not wrk:
        sys.exit("wrk is missing: apt-get install wrk")
    options = ["-t1", f"-c{connections}", f"-d{seconds}s", "--timeout=10s", f"-s{SCRIPT}"]
    printed = subprocess.run(
        [wrk, *options, f"http://127.0.0.1:{port}{path}", "--", method, KEY],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    told = json.loads(printed.splitlines()[-1])
    if told["wrong"] or told["broken"] or not told["calls"]:
        raise RuntimeError(f"{path}: {told}")
    return Rush(told["p50"] / 1000, told["p99"] / 1000, told["calls"], told["calls"] / told["took"] * 1e6)


@dataclass(frozen=True)
class Answer:
    """What came of a call."""

    began: float
    """On the clock of `perf_counter`, before a connection was looked for."""
    seconds: float
    status: int = 0
    reply: Mapping[str, Any] = field(default_factory=dict)
    failure: str = ""
    """Why there is no answer, or a wrong one."""

    @property
    def code(self) -> str:
        """`codigo`, or what there was in its place."""
        return str(self.failure or (self.reply.get("codigo") if self.status == 200 else self.status))


class Caller:
    """One connection that is kept, and made anew where the service has closed it between two calls."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def ask(self, mode: str, place: Place, conversation: str = "") -> Answer:
        """Whether there is fibre."""
        answer = await self.post(ROUTES[mode], {**place.values, "conversa_id": conversation})
        if answer.code == "viavel" and answer.reply["caixa_nome"] != place.box:
            return replace(answer, failure="another customer's box")
        return answer

    async def post(self, path: str, values: Mapping[str, object]) -> Answer:
        """Never raises, never calls twice: what the connection does is the answer."""
        began = perf_counter()
        status, failure = 0, ""
        reply: Mapping[str, Any] = {}
        try:
            async with asyncio.timeout(PATIENCE):
                status, reply = await self._exchange(path, json.dumps(values).encode())
        except TimeoutError:
            failure = "no answer"
        except (OSError, EOFError) as error:
            failure = type(error).__name__
        except ValueError:
            failure = "no JSON"
        if failure:
            self.close()
        return Answer(began, perf_counter() - began, status, reply, failure)

    async def _exchange(self, path: str, body: bytes) -> tuple[int, Mapping[str, Any]]:
        if self._reader is None or self._writer is None or self._reader.at_eof():
            self.close()
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._writer.write(
            b"POST %b HTTP/1.1\r\nHost: bench\r\nX-Webhook-Key: %b\r\nContent-Type: application/json\r\n"
            b"Content-Length: %d\r\n\r\n%b" % (path.encode(), KEY.encode(), len(body), body)
        )
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        status, fields = head.partition("\r\n")[0].split()[1], head.split("\r\n")[1:]
        headers = dict(field.split(": ", 1) for field in fields if field)
        content = await self._reader.readexactly(int(headers["content-length"]))
        if headers.get("connection") == "close":
            self.close()
        return int(status), json.loads(content)

    def close(self) -> None:
        if self._writer is not None:
            with suppress(OSError):
                self._writer.close()
        self._reader = self._writer = None


async def own_delay(worst: list[float]) -> None:
    """Keeps in `worst` the longest time in seconds that this process kept its callers waiting."""
    while True:
        before = perf_counter()
        await asyncio.sleep(0.01)
        worst[0] = max(worst[0], perf_counter() - before - 0.01)
