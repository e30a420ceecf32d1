"""What a flow sends to `conversa`: the customer's answer, and whatever else the platform knows."""

from schemas.fields import Code, Flag, Tags, Words, raw
from schemas.record import R, key, record
from schemas.request import CONVERSATION, BaseRequestSchema, FeasibilityRequest, request_schema


@record
class TurnRequest(FeasibilityRequest):
    """A call of the conversation that the webhook leads. All but the conversation may be missing."""

    conversation: str = key(Words(), "conversa_id", CONVERSATION, kw_only=True)
    answer: object = key(
        raw("Rua Dona Marina, 552"), "resposta", "The customer's last answer: text, or a pin.", default=None
    )
    token: str | None = key(Words(), "etapa", "The `etapa` of the last reply.", default=None)
    flow: str | None = key(
        Words(), "fluxo", "Which conversation; without it the ISP's or the platform's.", default=None
    )
    buttons: bool | None = key(
        Flag(), "botoes", "`sim`: the platform shows the options as buttons.", default=None
    )
    restart: bool | None = key(Flag(), "reiniciar", "`sim`: begin again.", default=None)
    name: str | None = key(Words(), "nome", default=None)
    phone: str | None = key(Words(longest=100), "telefone", "With its area code (DDD).", default=None)
    code: str | None = key(Code(), "codigo_cliente", "Of the client in OZmap.", default=None)
    tags: tuple[str, ...] = key(
        Tags(), about="Names or ids of tags, as a list or separated by commas.", default=()
    )
    observation: str | None = key(Words(longest=500), "observacao", default=None)


class _TurnSchema(BaseRequestSchema[R]):
    needed = frozenset[str]()


TurnRequestSchema = request_schema(TurnRequest, _TurnSchema)
