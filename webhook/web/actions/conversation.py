"""`conversa`: leads the whole conversation. Its steps run the other actions in this process."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from time import monotonic

from schemas.conversation import Conversation
from schemas.fields import plain_code
from schemas.reply import ConversationTurn, Reply, Value
from schemas.turn_request import TurnRequest, TurnRequestSchema
from schemas.unfilled import squeezed
from webhook import outcomes
from webhook.conversation.lead import Call
from webhook.conversation.state import ACTIONS, END, HAND_OVER, State, Turn
from webhook.conversation.turns import Turns, call_again
from webhook.flows.definition import Flow
from webhook.flows.play import NotNow
from webhook.observe import log
from webhook.observe.metrics import note_conversation, note_request
from webhook.outcomes import Answer
from webhook.store import StoreUnavailable
from webhook.web.actions.base import Action, ActionRequest, action
from webhook.web.errors import answer_to
from webhook.web.replies import Envelope

NAME = "conversa"
AFTER_A_CRASH = 0.5
"""Seconds after the reply deadline until a call that still has the conversation is taken for dead."""
ENOUGH = 0.5
"""Share of the reply deadline that must be left for a further step of the same call."""
MOST_BUSY = 3
"""Waits in a row for a step that is `ocupado`, or for a store that is, until that is the answer."""
_BUSY = "ocupado"
_OUTCOMES = {HAND_OVER: outcomes.CONVERSA_TRANSFERIDA, END: outcomes.CONVERSA_ENCERRADA}
_WRITES = {"reserva", "reserva/cancelamento", "reserva/ativacao", "prospect"}
"""Steps that write to OZmap: the customer has read before what they do, and they get a whole deadline."""
_FACTS = ("endereco", "mapa_url", "viavel", "motivo", "caixa_nome", "reserva_codigo", "prospect_id")
_OF_A_PLACE = {"viavel", "motivo", "caixa_nome"}
"""Facts that end with another place."""


def leading(steps: Iterable[Action]) -> Action:
    """The action; `steps` are those that conversations may call."""
    by_name = {step.name: (step, step.reply()) for step in steps}

    @action(NAME, request=TurnRequestSchema(), reply=ConversationTurn)
    def lead(request: ActionRequest, values: TurnRequest) -> Answer:
        """Leads the whole conversation: takes the customer's last answer, says what to show and what to do"""
        services, tenant, platform = request.services, request.tenant, request.platform
        flows = services.conversations[tenant.slug]
        asked = values.flow or tenant.conversation or platform.conversation
        name = next((one for one in flows if squeezed(one) == squeezed(asked)), None)
        if name is None:
            return Answer(outcomes.FLUXO_DESCONHECIDO)
        turns = Turns(
            services.store,
            tenant.slug,
            Conversation(platform.name, values.conversation),
            request.ozmap.deadline,
            services.settings.reply_deadline + AFTER_A_CRASH,
            services.settings.conversation_h * 3600,
        )
        try:
            turn = turns.take(_call(flows[name], values, _Steps(request, by_name, values.conversation)))
        except StoreUnavailable:
            turn = _once_more(values.token or "", name)
        outcome = _OUTCOMES.get(turn.action, outcomes.CONVERSA_EM_CURSO)
        return Answer(outcome, turn, turn.message)

    return lead


def _once_more(token: str, flow: str) -> Turn:
    """Lets a flow call again some times while the store is busy. Raises StoreUnavailable after that.

    The store cannot count, so the `etapa` does; it is none of the store's, so the question comes once more. A
    platform that sends no `etapa` would wait for ever.
    """
    times = token.count("x") if token.startswith(_BUSY) else 0
    if not token or times >= MOST_BUSY:
        raise StoreUnavailable
    return call_again(_BUSY + "x" * (times + 1), flow)


@dataclass
class _Steps:
    """Runs the steps of one call."""

    request: ActionRequest
    actions: Mapping[str, tuple[Action, Reply]]
    """Each action with the schema of its replies, which costs more to make than a reply."""
    conversation: str
    _made: int = 0

    def may_begin(self, name: str, is_told_first: bool) -> bool:
        """What writes to OZmap begins only as the first thing of a call; a further read if time is left."""
        if name in _WRITES:
            return not self._made and not is_told_first
        left = self.request.ozmap.deadline.remaining()
        return not self._made or left > self.request.services.settings.reply_deadline * ENOUGH

    def send(self, state: State, name: str, values: Mapping[str, object]) -> Mapping[str, str]:
        """Runs an action as the same tenant, and counts and logs it as what it is."""
        self._made += 1
        started, calls = monotonic(), len(self.request.ozmap.calls)
        step, schema = self.actions[name]
        # A value that no step has set is missing, as it is in a request from outside.
        call = replace(
            self.request,
            values=dict(values),
            form=NAME,
            left_out={},
            conversation=self.conversation,
            found=[],
        )
        try:
            answer = step.run(call)
        except Exception as error:
            answer, status = answer_to(error)
            if status >= 500:
                raise
        self._log(name, answer.outcome.code, monotonic() - started, len(self.request.ozmap.calls) - calls)
        if answer.outcome is outcomes.OCUPADO and state.waits < MOST_BUSY:
            # Taken for an answer it would end the conversation, where waiting some seconds is enough.
            raise NotNow
        message = answer.outcome.words(self.request.tenant.texts, answer.detail)
        typed = schema.dump(Envelope(answer.outcome, message, self.request.protocol, answer.result))
        _remember(state.facts, name, typed)
        reply = _texts(schema, typed)
        if self.request.trace is not None:
            self.request.trace.append({"action": name, "values": dict(values), "reply": reply})
        return reply

    def _log(self, name: str, code: str, seconds: float, ozmap_calls: int) -> None:
        note_request(self.request.platform.name, name, code, seconds)
        log.write(
            event="conversation step",
            protocolo=self.request.protocol,
            tenant=self.request.tenant.slug,
            platform=self.request.platform.name,
            action=name,
            outcome=code,
            ms=round(seconds * 1000),
            ozmap_calls=ozmap_calls,
        )


def _call(flow: Flow, values: TurnRequest, steps: _Steps) -> Call:
    tenant, platform = steps.request.tenant, steps.request.platform
    place = _place(values)
    return Call(
        flow=flow,
        answer=_answer(values, place),
        token=values.token or "",
        restart=bool(values.restart),
        known=_known(values, place),
        own={
            "conversa_id": values.conversation,
            "provedor": tenant.display_name or "o nosso provedor",
            "dias": f"{tenant.retention_d:g}",
        },
        buttons=bool(values.buttons),
        written=platform.written,
        send=steps.send,
        may_begin=steps.may_begin,
        note=partial(note_conversation, platform.name, flow.name),
    )


def _answer(values: TurnRequest, place: object) -> object:
    """What the customer said. With the `etapa` of a reply, nothing is an answer that cannot be used.

    A loop that stores answers in `acao` sends what is left there when it is started again.
    """
    answer = values.answer if values.answer is not None else place
    if isinstance(answer, int | float):
        return str(plain_code(answer))
    if isinstance(answer, str):
        answer = answer.strip()
    if answer in ACTIONS:
        return None
    return "" if answer is None and values.token else answer


def _place(values: TurnRequest) -> object:
    if values.latitude is not None and values.longitude is not None:
        return {"latitude": values.latitude, "longitude": values.longitude}
    if values.location is not None:
        return values.location
    parts = (values.address, values.number, values.district, values.city, values.state, values.postcode)
    return ", ".join(filter(None, parts)) if values.address or values.postcode else None


def _known(values: TurnRequest, place: object) -> dict[str, object]:
    """Request keys with the values that the platform has for them."""
    known = {
        "localizacao": place,
        "nome": values.name,
        "telefone": values.phone,
        "codigo_cliente": values.code,
        "tags": ", ".join(values.tags),
        "observacao": values.observation,
        "modo": values.mode,
        "raio_m": "" if values.radius_m is None else f"{values.radius_m:g}",
        "precisao_m": values.metres,
    }
    return {name: value for name, value in known.items() if value not in (None, "")}


def _texts(schema: Reply, typed: Mapping[str, object]) -> dict[str, str]:
    """A reply's values as every conversation compares and shows them, whatever the platform."""
    shown = schema.fields
    return {
        name: field.as_text(value) for name, value in typed.items() if isinstance(field := shown[name], Value)
    }


def _remember(facts: dict[str, object], name: str, typed: Mapping[str, object]) -> None:
    """Puts what an attendant needs to know into `facts`."""
    if name == "localizacao":
        facts.update(dict.fromkeys(_OF_A_PLACE))
    for key in _FACTS:
        if key in typed and (typed[key] is not None or key in _OF_A_PLACE):
            facts[key] = typed[key]
