"""Every reply key, once: its name, its kind, and where in an answer its value is.

A field's name is the reply key (Portuguese), its `attribute` the path to the value (English). A path that
ends early gives an absent value: each platform's value style says how that is written.
"""

from decimal import Decimal

from marshmallow import Schema, fields


class Value(fields.Field[object]):
    """A reply value. `absent` is its text where a platform takes nothing but text."""

    absent = ""

    def __init__(self, attribute: str) -> None:
        super().__init__(attribute=attribute, dump_default=None)

    def as_text(self, value: object) -> str:
        """The value for a platform that reads text only."""
        return self.absent if value is None else str(value)


class YesNo(Value):
    """True, False or None."""

    def as_text(self, value: object) -> str:
        return _yes_no(value) if isinstance(value, bool) else self.absent


class YesNoUnknown(YesNo):
    """Three-valued: None says that nobody knows, which is never "no"."""

    absent = "indefinido"


class Count(Value):
    """A whole number."""


class Moment(Value):
    """A time: ISO 8601 with offset."""


class Metres(Value):
    """Metres with one decimal."""

    def _serialize(self, value: object, *_: object, **__: object) -> float | None:
        return round(value, 1) if isinstance(value, int | float) else None


class Degrees(Value):
    """A coordinate with all its decimals, never in exponent form."""

    def as_text(self, value: object) -> str:
        return self.absent if value is None else format(Decimal(repr(value)), "f")


class Anything(Value):
    """A value whose kind the answer decides: text, a number, yes or no."""

    def as_text(self, value: object) -> str:
        if isinstance(value, bool):
            return _yes_no(value)
        return format(Decimal(repr(value)), "f") if isinstance(value, float) else super().as_text(value)


def _yes_no(value: bool) -> str:
    return "sim" if value else "nao"


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


class Echo(Reply):
    """Keys of `eco`."""

    recebido = Value("result.received")
    formato = Value("result.form")
