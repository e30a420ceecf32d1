"""The schemas that load a flow's JSON file and the tables of index.toml into `definition`'s dataclasses."""

import re
from collections.abc import Mapping

from marshmallow import RAISE, ValidationError, fields, post_load, validate

from schemas.record import RecordSchema
from webhook.flows import definition
from webhook.flows.definition import FORMAT, Step

_NAME = validate.Regexp(re.compile(r"[a-z][a-z0-9_]*\Z"), error="must be a name of a-z, 0-9 and _")
_NOT_EMPTY = validate.Length(min=1)


class _Record(RecordSchema[object]):
    """Loads lists as tuples."""

    class Meta:
        # These are files of this project: an unknown key is a mistake in them.
        unknown = RAISE

    @post_load
    def _make(self, values: Mapping[str, object], **_: object) -> object:
        return super()._make({k: tuple(v) if isinstance(v, list) else v for k, v in values.items()})


class _Name(fields.String):
    def __init__(self, *, required: bool = False, data_key: str | None = None) -> None:
        super().__init__(required=required, data_key=data_key, validate=_NAME)


class _StepSchema(_Record):
    id = _Name(required=True)


class _EndSchema(_StepSchema):
    record = definition.End


class _HandOverSchema(_StepSchema):
    record = definition.HandOver


class _MessageSchema(_StepSchema):
    record = definition.Message
    next = _Name(required=True, data_key="depois")
    text = fields.String(required=True, data_key="texto", validate=_NOT_EMPTY)


class _QuestionSchema(_MessageSchema):
    record = definition.Question
    name = fields.String(required=True, data_key="nome")
    variable = _Name(required=True, data_key="variavel")
    expected = fields.String(data_key="resposta")
    buttons = fields.List(fields.String(validate=_NOT_EMPTY), data_key="botoes")


class _RequestSchema(_StepSchema):
    record = definition.Request
    next = _Name(required=True, data_key="depois")
    method = fields.String(required=True, data_key="metodo")
    url = fields.String(required=True)
    headers = fields.Dict(fields.String(), fields.String(), required=True, data_key="cabecalho")
    body = fields.Dict(fields.String(), fields.String(), data_key="corpo")
    captures = fields.List(_Name(), required=True, data_key="processar_resposta")


class _CaseSchema(_Record):
    record = definition.Case
    values = fields.List(fields.String(), required=True, data_key="valores", validate=_NOT_EMPTY)
    next = _Name(required=True, data_key="depois")


class _ConditionSchema(_StepSchema):
    record = definition.Condition
    variable = _Name(required=True, data_key="variavel")
    cases = fields.List(fields.Nested(_CaseSchema), required=True, data_key="casos")
    next = _Name(required=True, data_key="senao")


class _PauseSchema(_StepSchema):
    record = definition.Pause
    next = _Name(required=True, data_key="depois")
    seconds = fields.Integer(required=True, strict=True, data_key="segundos", validate=validate.Range(1, 60))


_STEPS = {
    schema.record.action: schema()
    for schema in (
        _MessageSchema, _QuestionSchema, _RequestSchema, _ConditionSchema, _PauseSchema, _HandOverSchema,
        _EndSchema,
    )
}  # fmt: skip


class _AnyStep(fields.Field[Step]):
    """A step of the kind that its `acao` names."""

    def _deserialize(
        self, value: object, attr: str | None, data: Mapping[str, object] | None, **_: object
    ) -> Step:
        settings = dict(value) if isinstance(value, dict) else {}
        # An unhashable `acao` is no action either.
        schema = _STEPS.get(str(settings.pop("acao", None)))
        if schema is None:
            raise ValidationError("acao must be one of: " + " | ".join(_STEPS))
        step: Step = schema.load(settings)
        return step


class FlowSchema(_Record):
    """A flow's file."""

    record = definition.Flow
    format = fields.Integer(required=True, data_key="formato", validate=validate.Equal(FORMAT))
    platform = fields.String(required=True, data_key="plataforma")
    name = _Name(required=True, data_key="nome")
    title = fields.String(required=True, data_key="titulo")
    platform_variables = fields.Dict(_Name(), fields.String(), data_key="variaveis_da_plataforma")
    start = _Name(required=True, data_key="inicio")
    steps = fields.List(_AnyStep(), required=True, data_key="passos")


class IndexEntrySchema(_Record):
    """A table of index.toml, which has the name of its flow."""

    record = definition.IndexEntry
    title = fields.String(required=True, data_key="titulo")
    purpose = fields.String(required=True, data_key="para_que")
    collects = fields.List(fields.String(), required=True, data_key="coleta")
    sets = fields.List(_Name(), required=True, data_key="define")
    version = fields.String(required=True, data_key="versao")
    date = fields.Date(required=True, data_key="data")
