"""One call of `conversa`: one at a time per conversation on any host, and repeated calls do nothing twice."""

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from schemas.conversation import Conversation
from webhook.conversation.lead import SHORT_WAIT_S, TAKES_TIME, Call, Lead
from webhook.conversation.state import WAIT, State, Turn, digest, new_token
from webhook.flows.definition import PHONE, Flow, Question
from webhook.net.deadline import Deadline
from webhook.store import Store, StoreUnavailable
from webhook.store import conversations as rows
from webhook.store.conversations import Kept, Row

REPEAT_S = 2.0
"""Seconds after a reply for which an equal answer without `etapa` is taken for a repeated call."""
LOOK_AGAIN = (0.05, 0.4)
"""Seconds between two looks at what another call has, first and last: each costs a millisecond of CPU."""
RESERVE = 0.1
"""Seconds before the deadline at which a call stops waiting for another one."""


@dataclass(frozen=True)
class Turns:
    """The calls of one conversation. Every method may raise StoreUnavailable."""

    store: Store
    tenant: str
    conversation: Conversation
    deadline: Deadline
    lease_s: float
    forget_after: float
    """Seconds after which a conversation that nobody continued begins again."""

    def take(self, call: Call) -> Turn:
        """The reply to a call."""
        row, met = self._row(call)
        if row.at_work:
            return self._not_heard(call, row)
        saved = False
        try:
            if reply := self._reply_again(call, row, met):
                return reply
            turn = self._play(call, row)
            saved = True
            return turn
        finally:
            if row.lease and not saved:
                # A store that is down must not hide what else went wrong. The lease runs out.
                with suppress(StoreUnavailable):
                    rows.let_go(self.store, self.tenant, self.conversation.key, row.lease)

    @property
    def _patient_store(self) -> Store:
        """For what a call cannot do without: a flow that hears `ocupado` hands the customer over."""
        return self.store.patient(self.deadline.remaining() - RESERVE)

    def _row(self, call: Call) -> tuple[Row, Row | None]:
        """The conversation, and how it was when another call had it, if one had.

        It has a lease unless it is at work until the deadline, or the last reply answers this call too.
        """
        key, met, pause = self.conversation.key, None, LOOK_AGAIN[0]
        while True:
            row = rows.look(self.store, self.tenant, key, self.forget_after)
            if not row.at_work:
                if self._reply_again(call, row, met):
                    return row, met
                row = rows.claim(self._patient_store, self.tenant, key, self.lease_s, self.forget_after)
            if row.lease or self.deadline.remaining() < RESERVE:
                return row, met
            met = met or row
            time.sleep(pause)
            pause = min(2 * pause, LOOK_AGAIN[1])

    def _reply_again(self, call: Call, row: Row, met: Row | None) -> Turn | None:
        """The last reply, if it is the answer to this call too."""
        is_next = bool(call.token) and call.token == row.token and not call.restart
        if is_next and (met is None or met.token == row.token):
            return None  # the usual case, told without reading the state
        state = State.of_json(row.state) if row.state else None
        return state.reply if state and state.reply and self._is_repeated(call, state, row, met) else None

    def _is_repeated(self, call: Call, state: State, row: Row, met: Row | None) -> bool:
        if met is not None and met.token != row.token:
            return True  # of two answers at once only the first one counts
        # Below zero the clock was set back, and nobody knows.
        recent = 0 <= time.time() - state.answered_at < REPEAT_S
        if call.restart or call.flow.name != state.flow:
            return recent and state.calls == 1 and call.flow.name == state.flow
        if call.token:
            return True  # it follows an older reply
        return recent and state.answered == digest(call.answer) and not state.new_question

    def _play(self, call: Call, row: Row) -> Turn:
        state = State.of_json(row.state) if row.state else None
        begins = state is None or state.ended or call.restart or call.flow.name != state.flow
        state = State(call.flow.name) if state is None or begins else state
        state.calls += 1
        playing = Lead(call, state)
        if begins:
            turn = playing.begin()
        elif row.unheard:
            turn = playing.repeat()
        else:
            turn = playing.go_on()
        state = replace(playing.state, answered=digest(call.answer), answered_at=time.time())
        step = call.flow.by_id[state.step].origin if state.step else ""
        phone = _phone(call.flow, state.variables)
        kept = Kept(state.to_json(), turn.token, state.flow, step, state.ended, phone)
        saved = rows.save(self._patient_store, self.tenant, self.conversation.key, row.lease or "", kept)
        # A call that was too slow cannot save: another one has the conversation, and that one's reply counts.
        return turn if saved else self._not_heard(call, row)

    def _not_heard(self, call: Call, row: Row) -> Turn:
        """Lets the flow wait for another call, which may come to nothing: then the same question waits."""
        token = row.token or new_token()
        rows.not_heard(self.store, self.tenant, self.conversation.key, token)
        return call_again(token, call.flow.name)


def call_again(token: str, flow: str) -> Turn:
    """The reply to a call for which nothing was done: the same call may be made again soon."""
    return Turn(WAIT, TAKES_TIME, token, flow, wait_s=SHORT_WAIT_S)


def _phone(flow: Flow, variables: Mapping[str, object]) -> str | None:
    """The customer's telephone, under whatever name the conversation asks for it."""
    asked = (step.variable for step in flow.steps if isinstance(step, Question) and step.needs == PHONE)
    said = (variables.get(name) for name in ("telefone", *asked))
    return next((str(one) for one in said if one), None)
