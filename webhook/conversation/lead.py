"""Plays a conversation on with one answer. Knows neither the store nor HTTP."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from webhook.conversation.place import PLACE_ACTION, Reply, locate
from webhook.conversation.state import ASK, END, HAND_OVER, WAIT, State, Turn, digest_of, new_token
from webhook.flows import answers, wording
from webhook.flows.definition import PLACE, Flow, HandOver, Pause, Question, Request
from webhook.flows.play import Event, NotNow, Player

MOST_UNUSABLE, MOST_WAITS, MOST_CALLS = 6, 10, 200
AWAY_S = 600.0
"""Seconds of silence after which a customer who says hello is back, and has not answered."""
SHORT_WAIT_S = 3
"""Seconds before a step that did not fit into this call any more."""
GIVES_UP = "Acho melhor uma pessoa continuar com você. Já vou chamar alguém."
TAKES_TIME = "Só um instante, por favor."
GOODBYE = "Até logo!"
BEGINS_AGAIN = "Tudo bem, vamos começar de novo."
GOES_ON = "Que bom que você voltou! Continuamos de onde paramos."
CHANGED = "O nosso atendimento mudou enquanto conversávamos, e precisamos começar de novo. Desculpe!"
ON_THE_MAP = "Ou marque o lugar no mapa: {link}"
STOPS = "Tudo bem, paramos por aqui. É só chamar quando quiser."
ERASES = "Certo. Uma pessoa vai cuidar de apagar os seus dados."


@dataclass(frozen=True)
class Call:
    """One call: what it says, and what its conversation may ask of its surroundings."""

    flow: Flow
    answer: object
    """None: nothing that a customer said."""
    token: str
    """The `etapa` of the reply that it follows, empty without one."""
    restart: bool
    known: Mapping[str, object]
    """Request keys that the platform knows without asking."""
    own: Mapping[str, object]
    """Variables of the platform and the ISP: they are not stored."""
    buttons: bool
    """Whether the platform shows the options of a closed question itself."""
    written: Callable[[str], str]
    """Writes a text so that the platform's chat shows it as it is."""
    send: Callable[[State, str, Mapping[str, object]], Reply]
    """Calls an action by its name and gives the keys of its reply as text; notes in the state what it says.

    Raises NotNow.
    """
    may_begin: Callable[[str, bool], bool]
    """Whether an action may begin, given whether the customer has something to read before it."""
    note: Callable[[str, str], None]
    """Counts what happened (begun, asked, answered ...) at a step."""


class Lead:
    """Plays one call of one conversation. Afterwards `state` is what the next call needs."""

    def __init__(self, call: Call, state: State) -> None:
        self._call, self.state = call, state
        self._player = self._new_player()

    def begin(self, text: str = "") -> Turn:
        """Plays from the start, after `text` if there is one."""
        self.state = State(self.state.flow, calls=self.state.calls)
        self._player = self._new_player()
        self._call.note("begun", "")
        if answers.wants_data_erased(self._call.answer):
            # What the consent promised holds after the end of a conversation too.
            return self._finish(HAND_OVER, ERASES)
        return self._turn([*_own(text), *self._player.start()])

    def go_on(self) -> Turn:
        """Plays on from where the last call stopped."""
        player, answer = self._player, self._call.answer
        at = player.at
        if at is None:
            return self.begin(CHANGED)
        if player.waits:
            return self._turn(player.go_on())
        if not isinstance(at, Question):
            return self.begin()
        if answers.is_one_of(answer, answers.RESTART):
            return self.begin(BEGINS_AGAIN)
        if answers.wants_data_erased(answer):
            return self._finish(HAND_OVER, ERASES)
        is_option = answers.option_of(at, answer) is not None
        if answers.is_one_of(answer, answers.LEAVE) and not is_option:
            return self._finish(END, STOPS)
        if digest_of(at) != self.state.asked:
            return self._turn(player.repeat())
        was_away = time.time() - self.state.answered_at > AWAY_S
        greets = answers.is_one_of(answer, answers.GREETINGS) and not is_option
        if answer is None or (was_away and greets):
            return self._turn([*_own(GOES_ON if was_away else ""), *player.repeat()])
        return self._answer(at)

    def repeat(self) -> Turn:
        """The question that waits, once more: for a call that was answered while nobody listened."""
        return self._turn(self._player.repeat() if isinstance(self._player.at, Question) else [])

    def _answer(self, question: Question) -> Turn:
        self._call.note("answered", question.origin)
        events = self._player.answer(self._call.answer)
        at = self._player.at
        again = isinstance(at, Question) and at.origin == question.origin
        if again or _asks_for_place_again(at, question, events):
            self.state.unusable += 1
            if self.state.unusable >= MOST_UNUSABLE:
                return self._finish(HAND_OVER, GIVES_UP)
            events += self._map_line()
        return self._turn(events)

    def _map_line(self) -> list[Event]:
        """The address of the conversation's location page, if there is one now."""
        at = self._player.at
        if not isinstance(at, Question) or at.needs != PLACE or "link" in at.reads:
            return []
        try:
            reply = self._call.send(self.state, "findme", {"conversa_id": self._call.own["conversa_id"]})
        except NotNow:
            return []
        return _own(ON_THE_MAP, link=reply["link"]) if reply["link"] else []

    def _new_player(self) -> Player:
        state, call = self.state, self._call
        at = call.flow.by_id.get(state.step)
        return Player(call.flow, self._send, {**call.own, **state.variables}, at, call.known)

    def _send(self, step: Request, values: Mapping[str, str]) -> Reply:
        if not self._call.may_begin(step.calls, self._player.spoke):
            raise NotNow
        known = self._call.known
        sent = {**_passed_on(known, step.calls), **values}
        # What the chatbot was set up with goes before what the conversation says for everybody.
        sent |= {name: one for name, one in known.items() if name in values and "{" not in step.values[name]}
        send = partial(self._call.send, self.state)
        if step.calls == PLACE_ACTION:
            id_ = self._call.own["conversa_id"]
            reply, self.state.unplaced = locate(send, sent, self.state.unplaced, id_)
            return reply
        return send(step.calls, sent)

    def _turn(self, events: list[Event]) -> Turn:
        player, state = self._player, self.state
        at = player.at
        texts = [event.parts for event in events if event.parts]
        state.waits = state.waits + 1 if player.waits else 0
        if state.waits >= MOST_WAITS or state.calls >= MOST_CALLS:
            return self._finish(HAND_OVER, GIVES_UP)
        if player.ended:
            return self._finish(HAND_OVER if isinstance(at, HandOver) else END, wording.fitted(texts))
        if isinstance(at, Question):
            are_shown = self._call.buttons and at.buttons
            options = "" if are_shown else wording.options_of(at.options)
            self._call.note("asked", at.origin)
            return self._reply(ASK, wording.fitted(texts, options), options=at.buttons)
        seconds = at.seconds if isinstance(at, Pause) else SHORT_WAIT_S
        return self._reply(WAIT, wording.fitted(texts) or TAKES_TIME, wait_s=seconds)

    def _finish(self, action: str, text: str) -> Turn:
        at = self._player.at
        self._call.note("handed over" if action == HAND_OVER else "ended", at.origin if at else "")
        return self._reply(action, text or (GIVES_UP if action == HAND_OVER else GOODBYE))

    def _reply(
        self, action: str, message: str, options: tuple[str, ...] = (), wait_s: int | None = None
    ) -> Turn:
        state, at = self.state, self._player.at
        before, state.asked = state.asked, digest_of(at) if isinstance(at, Question) else ""
        same = state.reply is not None and bool(options) and state.reply.options == options
        state.new_question = same and before != state.asked
        state.step = at.id if at else ""
        state.variables = {
            name: one for name, one in self._player.variables.items() if name not in self._call.own
        }
        summary = summary_of(state.facts) if action == HAND_OVER else ""
        message = self._call.written(message)
        state.reply = Turn(
            action, message, new_token(), state.flow, options, wait_s, summary, dict(state.facts)
        )
        return state.reply


_YES_NO: Mapping[object, str] = {True: "sim", False: "não"}


def summary_of(facts: Mapping[str, object]) -> str:
    """What an attendant needs to know: the place, the verdict and the codes, for the note of a hand-over."""
    lines = [
        ("Lugar", facts.get("endereco")),
        ("Mapa", facts.get("mapa_url")),
        ("Viabilidade", _YES_NO.get(facts.get("viavel"))),
        ("Motivo", facts.get("motivo")),
        ("Caixa", facts.get("caixa_nome")),
        ("Reserva", facts.get("reserva_codigo")),
        ("Prospect", facts.get("prospect_id")),
    ]
    return "\n".join(f"{name}: {value}" for name, value in lines if value) or "Nada consultado ainda."


def _own(text: str, **values: str) -> list[Event]:
    """Words of the service itself, as an event."""
    return [Event(_NOWHERE, tuple(wording.fill(text, values)))] if text else []


_NOWHERE = HandOver("", "")
_PASSED_ON = {"tags", "observacao", "modo", "raio_m"}


def _passed_on(known: Mapping[str, object], action: str) -> dict[str, object]:
    """What the platform said beside the answers, which no question asks for."""
    names = {"precisao_m"} if action == PLACE_ACTION else _PASSED_ON
    return {name: value for name, value in known.items() if name in names}


def _asks_for_place_again(at: object, question: Question, events: list[Event]) -> bool:
    """Whether a place was asked for, not found, and is asked for by another question."""
    is_place = isinstance(at, Question) and at.needs == question.needs == PLACE
    calls = (event.step.calls for event in events if isinstance(event.step, Request))
    return is_place and PLACE_ACTION in calls
