"""Calls of `conversa` that ask nothing of OZmap beside calls of `eco`, each at its own moment, in one run.

Calls begin on schedule, whatever those before them do: a service that falls behind cannot slow its callers
down, and so cannot hide it.
"""

import asyncio
import statistics
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from time import perf_counter

from bench.load import Answer, Caller, own_delay
from bench.processes import ROOT, Service, Webhook, free_port, running, settings_for, webhook
from bench.report import Report, counted, run, spread

RATE = 40
"""Calls of each kind in a second."""
TURNS = 10
SECONDS = 6
"""Of calls of both kinds, in each turn."""
ALONE_SECONDS = 2
"""Of calls of one kind alone, for their CPU."""
AT_A_TIME = 80
"""Conversations that take turns: a customer answers two seconds after the question."""
MOST_MS = 15
"""By which the p95 of `conversa` may be above that of `eco`."""
KINDS = ("conversa", "eco")
FLOW = "contato"
FLOWS = ROOT / "bench" / "flows"
ANSWERS = (None, "Mudança de endereço", "Maria Souza", "48 99988-7766", "Amanhã cedo", "Sem recado")
"""The call that begins a conversation, and one for each question."""
WARM_UP = 40
"""Calls of each kind before anything is measured."""


@dataclass
class Chat:
    """One of the conversations that take turns; when it has ended another customer begins."""

    name: str
    said: int = 0
    token: str | None = None
    busy: bool = False
    times: int = 0

    @property
    def values(self) -> dict[str, object]:
        named = {"conversa_id": f"{self.name}-{self.times}", "fluxo": FLOW, "resposta": ANSWERS[self.said]}
        return named | ({"etapa": self.token} if self.token else {})

    def heard(self, answer: Answer) -> Answer:
        """Goes on to the next answer. Any other reply than the one expected is a failure."""
        self.busy = False
        last = self.said == len(ANSWERS) - 1
        expected = "encerrar" if last else "perguntar"
        if answer.status != 200 or answer.reply.get("acao") != expected:
            self.next_customer()
            return replace(answer, failure=answer.failure or f"not {expected}: {answer.code}")
        if last:
            self.next_customer()
        else:
            self.said, self.token = self.said + 1, str(answer.reply["etapa"])
        return answer

    def next_customer(self) -> None:
        self.times += 1
        self.said, self.token = 0, None


@dataclass
class Load:
    """Calls of both kinds to one service."""

    port: int
    name: str
    idle: list[Caller] = field(default_factory=list)
    chats: list[Chat] = field(init=False)

    def __post_init__(self) -> None:
        self.chats = [Chat(f"{self.name}-{number}") for number in range(AT_A_TIME)]

    async def conversa(self, number: int) -> Answer:
        chat = self.chats[number % AT_A_TIME]
        if chat.busy:  # no reply within two seconds: another customer calls in this place
            chat = self.chats[number % AT_A_TIME] = Chat(f"{self.name}-late-{number}")
        chat.busy = True
        return chat.heard(await self._post("conversa", chat.values))

    async def eco(self, number: int) -> Answer:
        """With the keys of a call of `conversa`."""
        chat = Chat(f"eco-{number}", said=1 + number % (len(ANSWERS) - 1), token="etapaabcdefghij")
        answer = await self._post("eco", chat.values)
        return answer if answer.code == "eco" else replace(answer, failure=f"not eco: {answer.code}")

    async def _post(self, action: str, values: dict[str, object]) -> Answer:
        """On a connection that nobody uses now, as a proxy in front of the service has them."""
        caller = self.idle.pop() if self.idle else Caller(self.port)
        answer = await caller.post(f"/fivehub/{action}", values)
        self.idle.append(caller)
        return answer

    async def open_loop(self, kinds: tuple[str, ...], calls: int) -> dict[str, list[Answer]]:
        """So many calls of each of `kinds`, RATE in a second; kinds are evenly spread over that time."""
        began, tasks = perf_counter(), []
        for number in range(calls * len(kinds)):
            at = began + number / RATE / len(kinds)
            await asyncio.sleep(max(0.0, at - perf_counter()))
            turn, which = divmod(number, len(kinds))
            tasks.append((kinds[which], asyncio.create_task(getattr(self, kinds[which])(turn))))
        answers: dict[str, list[Answer]] = {kind: [] for kind in kinds}
        for kind, task in tasks:
            answers[kind].append(await task)
        return answers

    def close(self) -> None:
        for caller in self.idle:
            caller.close()


@contextmanager
def service() -> Iterator[Webhook]:
    """Two web processes on SQLite, the sandbox beside them."""
    port = free_port()
    settings = settings_for(port) | {"WEB_CONCURRENCY": "2", "FLOWS_DIR": str(FLOWS)}
    sandbox = [sys.executable, "-m", "sandbox", "--port", str(port)]
    with running(sandbox, port, OZMAP_TOKEN=settings["OZMAP_TOKEN"]), webhook(settings) as started:
        yield started


@dataclass(frozen=True)
class Phases:
    """What all calls were answered with."""

    both: list[dict[str, list[Answer]]]
    """In each turn."""
    cpu_ms: dict[str, list[float]]
    """Of the service's processes, a call of one kind while there was no other, in each turn."""
    alone: dict[str, list[Answer]]
    late: list[float]
    """One element: the longest time in seconds that this process itself kept its callers waiting."""


async def call_all(port: int, web: Service, turns: int) -> Phases:
    """In each turn both kinds together, then each alone."""
    worst, load = [0.0], Load(port, "c")
    await load.open_loop(KINDS, WARM_UP)
    found = Phases([], {kind: [] for kind in KINDS}, {kind: [] for kind in KINDS}, worst)
    for _ in range(turns):
        watch = asyncio.create_task(own_delay(worst))
        found.both.append(await load.open_loop(KINDS, RATE * SECONDS))
        watch.cancel()
        for kind in KINDS:
            before = web.cpu_s()
            alone = (await load.open_loop((kind,), RATE * ALONE_SECONDS))[kind]
            found.cpu_ms[kind].append((web.cpu_s() - before) * 1000 / len(alone))
            found.alone[kind] += alone
    load.close()
    return found


def measure(report: Report) -> None:
    """A row for each kind."""
    with service() as started:
        turns = report.size(TURNS, quick=1)
        judge(report, asyncio.run(call_all(started.port, started.web, turns)))


def judge(report: Report, phases: Phases) -> None:
    """The rows, and the bounds."""
    report.table("calls", "how many", "p50 ms", "p95 ms", "p99 ms", "own CPU ms a call, alone", "errors")
    p95, failures = {}, []
    for kind in KINDS:
        turns = [turn[kind] for turn in phases.both]
        answers = [answer for turn in turns for answer in turn]
        p95[kind] = _milliseconds(answers)[94]
        wrong = [one.failure for one in (*answers, *phases.alone[kind]) if one.failure]
        failures += wrong
        shown = [spread((_milliseconds(turn)[at] for turn in turns), 1) for at in (49, 94, 98)]
        report.row(f"`{kind}`", len(answers), *shown, spread(phases.cpu_ms[kind], 1), counted(wrong) or 0)
    report.line("")
    report.line(f"The callers' own process kept them waiting for {phases.late[0] * 1000:.1f} ms at most.")
    above = p95["conversa"] - p95["eco"]
    report.bound(f"p95 of `conversa` at most {MOST_MS} ms above `eco`'s", f"{above:.1f} ms", above <= MOST_MS)
    report.bound("no errors", counted(failures) or "none", not failures)


def _milliseconds(answers: list[Answer]) -> list[float]:
    """Percentiles from the first to the 99th."""
    return statistics.quantiles([answer.seconds * 1000 for answer in answers], n=100)


if __name__ == "__main__":
    run("conversation", measure)
