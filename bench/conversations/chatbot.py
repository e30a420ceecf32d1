"""The chatbot of one customer: each call twice at the same moment, some again later, until it is heard."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bench.conversations.customers import Customer, question_in
from bench.load import Answer, Caller
from webhook.flows.definition import Question

THINKS = (0.4, 1.6)
"""Share of the mean time until a customer answers, least and most."""
PAUSE = (1.0, 5.0)
"""Seconds before a call that got no reply is made again."""
BUSY = "ocupado"
"""The reply to a call that did nothing, since more of them wait than a process or SQLite can take on."""
MOST_CALLS = 120
"""Of one customer, until the chatbot gives up."""
OLD = 0.1
"""Share of the calls that are repeated later, when the conversation has gone on."""
LATER = (0.5, 6.0)
"""Seconds until then."""


@dataclass
class Chatbot:
    """Does what `acao` says. `answered` is told of each reply."""

    port: int
    customer: Customer
    answered: Callable[[], None]
    thinks: float
    """Seconds until the customer answers, in the mean."""
    doubled: bool = True
    """Whether calls are made twice and repeated later; if not, the customer is alone."""
    repeats: list[asyncio.Task[None]] = field(default_factory=list)
    at: Question | None = None

    def __post_init__(self) -> None:
        self._chance = random.Random(self.customer.name)
        self._callers = [Caller(self.port) for _ in range(2 if self.doubled else 1)]

    async def lead(self) -> None:
        """From the first call to the end, and until the last repeated call is over."""
        customer = self.customer
        values: dict[str, Any] = {"conversa_id": customer.conversation.id, "fluxo": customer.kind.flow}
        await asyncio.sleep(self._chance.uniform(0, self.thinks))
        sent = values
        for _ in range(MOST_CALLS):
            answer = await self._call(sent)
            if not answer.reply or answer.code == BUSY:
                customer.unanswered += not answer.reply
                customer.refused += answer.code == BUSY
                await asyncio.sleep(self._chance.uniform(*PAUSE))
                continue
            if self.doubled and "etapa" in sent and self._chance.random() < OLD:
                self.repeats.append(asyncio.create_task(self._repeat(sent)))
            said = await self._do(answer)
            if said is None:
                break
            sent = values | {"resposta": said, "etapa": answer.reply["etapa"]}
        await asyncio.gather(*self.repeats)
        for caller in self._callers:
            caller.close()

    async def _call(self, values: dict[str, Any]) -> Answer:
        """The chatbot hears one of the two replies, whichever: the other one is lost on its way."""
        answers = await asyncio.gather(
            *(caller.post("/fivehub/conversa", values) for caller in self._callers)
        )
        for answer in answers:
            self._look_at(values, answer)
        return self._chance.choice(answers)

    async def _repeat(self, values: dict[str, Any]) -> None:
        await asyncio.sleep(self._chance.uniform(*LATER))
        caller = Caller(self.port)
        self._look_at(values, await caller.post("/fivehub/conversa", values))
        caller.close()

    def _look_at(self, values: dict[str, Any], answer: Answer) -> None:
        said = [values.get(key, "-") for key in ("etapa", "resposta")]
        heard = [answer.reply.get(key, "") for key in ("acao", "etapa")]
        at = f"{answer.began:.3f} to {answer.began + answer.seconds:.3f}"
        self.customer.calls.append(f"{at} {said} -> {answer.code} {heard}")
        if answer.reply:
            self.answered()
            if answer.status != 200 or not answer.code.startswith(("conversa_", BUSY)):
                self.customer.odd.append(answer.code)

    async def _do(self, answer: Answer) -> str | None:
        """What to send next; None at the end."""
        customer, reply = self.customer, answer.reply
        action = reply["acao"]
        if action == "esperar":
            customer.waits += 1
            await asyncio.sleep(reply["espera_s"])
            return ""
        if action != "perguntar":
            self._went_on(None)
            customer.ended = reply
            return None
        question = question_in(customer.kind.flow, reply["mensagem"])
        if question is None:
            customer.odd.append(f"no question: {reply['mensagem']}")
            return None
        self._went_on(question)
        await asyncio.sleep(self.thinks * self._chance.uniform(*THINKS))
        return customer.answer_to(question)

    def _went_on(self, question: Question | None) -> None:
        """Notes that the answer before was used, and what is asked now."""
        before, customer = self.at, self.customer
        if before and question and before.origin == question.origin:
            customer.repeated += 1
            return
        if before:
            customer.used[before.variable] = customer.value_of(before)
        if question:
            customer.asked.append(question.origin)
        self.at = question
