"""Every reply key, once: its name, its kind, and where in an answer its value is.

A field's name is the reply key (Portuguese), its `attribute` the path to the value (English). A path that
ends early gives an absent value: each platform's value style says how that is written.
"""

from operator import attrgetter
from typing import Any, ClassVar

from marshmallow import Schema, fields, post_dump

from schemas.plain import digits

_PERSON_GOES_ON = "Tive um problema aqui. Uma pessoa vai continuar com você."


class Value(fields.Field[object]):
    """A reply value: text, unless a subclass says otherwise."""

    types: ClassVar[tuple[str, ...]] = ("string",)
    """Its JSON types, where a platform takes more than text."""
    about: ClassVar[str] = ""
    """What /openapi.json says about it."""
    absent = ""
    """What says in a text that there is no value."""

    def __init__(self, attribute: str, otherwise: str | None = None) -> None:
        """`otherwise` is the value where the path ends early."""
        super().__init__(attribute=attribute, dump_default=otherwise)
        self._read = attrgetter(attribute)

    def serialize(self, attr: str, obj: Any, *_: object, **__: object) -> Any:
        """The value at the path.

        marshmallow splits the path, and looks for a key before an attribute, for each value of each reply:
        6 % of a radius call's time.
        """
        try:
            value = self._read(obj)
        except AttributeError:
            value = self.dump_default
        return self._serialize(value, attr, obj)

    def as_text(self, value: object) -> str:
        """The value for a platform that reads text only: yes and no as words, no number with an exponent."""
        if value is None:
            return self.absent
        if isinstance(value, bool):
            return "sim" if value else "nao"
        return digits(value) if isinstance(value, float) else str(value)


class YesNo(Value):
    """True, False or None."""

    types = ("boolean",)


class YesNoUnknown(YesNo):
    """Three-valued: None says that nobody knows, which is never "no"."""

    absent = "indefinido"
    about = "Where nobody knows, it is neither: never take that for a no."


class Count(Value):
    """A whole number."""

    types = ("integer",)


class Moment(Value):
    """A time: ISO 8601 with offset."""


class Metres(Value):
    """Metres with one decimal."""

    types = ("number",)
    about = "Metres, one decimal."

    def _serialize(self, value: object, *_: object, **__: object) -> float | None:
        return round(value, 1) if isinstance(value, int | float) else None


class Degrees(Value):
    """A coordinate with all its decimals."""

    types = ("number",)
    about = "Degrees, WGS 84."


class Anything(Value):
    """A value whose kind the answer decides: text, a number, yes or no."""

    types = ("string", "number", "boolean")


class Reply(Schema):
    """The keys of every reply; alone, those of a reply to an unknown route."""

    ok = YesNo("outcome.ok")
    codigo = Value("outcome.code")
    mensagem = Value("message")
    protocolo = Value("protocol")


class Viability(Reply):
    """Keys of `viabilidade`; `result` is a webhook.web.actions.viability.Feasibility."""

    viavel = YesNoUnknown("result.verdict.viable")
    motivo = Value("result.verdict.reason")
    modo = Value("result.mode")
    latitude = Degrees("result.place.point.lat")
    longitude = Degrees("result.place.point.lng")
    endereco = Value("result.place.address")
    precisao = Value("result.place.precision")
    poste_id = Value("result.verdict.pole.id")
    poste_nome = Value("result.verdict.pole.name")
    poste_distancia_m = Metres("result.verdict.pole_distance_m")
    caixa_id = Value("result.verdict.box.id")
    caixa_nome = Value("result.verdict.box.name")
    caixa_distancia_m = Metres("result.verdict.box.distance_m")
    caixa_implantada = YesNo("result.verdict.box.implanted")
    portas_livres = Count("result.verdict.box.free_ports")
    caixas_viaveis = Count("result.verdict.viable_boxes")


class Location(Reply):
    """Keys of `localizacao`; `result` is a webhook.location.place.Place or Rough."""

    latitude = Degrees("result.point.lat")
    longitude = Degrees("result.point.lng")
    endereco = Value("result.address")
    precisao = Value("result.precision")
    mapa_url = Value("result.map_url")


class Reservation(Reply):
    """Keys of `reserva` and of the actions on one; `result` is a webhook.sales.records.Reservation."""

    reserva_codigo = Value("result.code")
    cliente_id = Value("result.client_id")
    imovel_id = Value("result.property_id")
    caixa_id = Value("result.box_id")
    caixa_nome = Value("result.box_name")
    splitter_nome = Value("result.splitter")
    porta = Count("result.port")
    motivo = Value("result.reason")
    expira_em = Moment("result.expires")
    latitude = Degrees("result.customer.lat")
    longitude = Degrees("result.customer.lng")
    endereco = Value("result.customer.address")


class Prospect(Reply):
    """Keys of `prospect`; `result` is a webhook.sales.records.Prospect."""

    prospect_id = Value("result.prospect_id")
    tags_aplicadas = Value("result.tags_applied")
    tags_ignoradas = Value("result.tags_ignored")
    latitude = Degrees("result.customer.lat")
    longitude = Degrees("result.customer.lng")
    endereco = Value("result.customer.address")


class Findme(Reply):
    """Keys of `findme`; `result` is a webhook.web.actions.findme.Invitation."""

    link = Value("result.url")
    expira_em = Moment("result.expires")


class FindmeResult(Reply):
    """Keys of `findme/resultado`; `result` is a webhook.web.actions.findme.Invitation."""

    latitude = Degrees("result.place.point.lat")
    longitude = Degrees("result.place.point.lng")
    endereco = Value("result.place.address")
    precisao = Value("result.place.precision")
    expira_em = Moment("result.expires")


class ConversationTurn(Reply):
    """Keys of `conversa`; `result` is a webhook.conversation.state.Turn."""

    acao = Value("result.action", otherwise="transferir")
    """What the flow is to do next. Where no conversation says so, a person takes over."""
    opcoes = Value("result.option_lines")
    opcao_1 = Value("result.option.n1")
    opcao_2 = Value("result.option.n2")
    opcao_3 = Value("result.option.n3")
    espera_s = Count("result.wait_s")
    etapa = Value("result.token")
    fluxo = Value("result.flow")
    resposta = Value("nothing", otherwise="")
    """Always empty: for platforms whose variables keep the last value."""
    resumo = Value("result.summary")
    viavel = YesNoUnknown("result.known.viavel")
    motivo = Value("result.known.motivo")
    caixa_nome = Value("result.known.caixa_nome")
    reserva_codigo = Value("result.known.reserva_codigo")
    prospect_id = Value("result.known.prospect_id")

    @post_dump
    def for_the_customer(self, reply: dict[str, object], **_: object) -> dict[str, object]:
        """What is wrong with a request is for the flow's author; the flow shows `mensagem` to a customer."""
        if reply["codigo"] == "dados_invalidos":
            reply |= {"resumo": reply["mensagem"], "mensagem": _PERSON_GOES_ON}
        return reply


class Echo(Reply):
    """Keys of `eco`."""

    recebido = Value("result.received")
    formato = Value("result.form")
