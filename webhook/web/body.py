"""Reads the body of a low-code HTTP block: JSON, form or query, whatever its Content-Type claims."""

import codecs
import json
import re
from typing import NoReturn, TypeAlias
from urllib.parse import parse_qsl

from flask import Request
from werkzeug.exceptions import RequestEntityTooLarge

from schemas.request import is_missing

MAX_BODY = 64 * 1024
"""Bytes."""
MAX_FIELDS = 100
MAX_DEPTH = 32
"""Levels of nested objects and lists."""

Values: TypeAlias = dict[str, object]

_UNUSABLE = re.compile("[\0\ud800-\udfff]")


class BadValues(Exception):
    """A request's values cannot be used; `detail` says which and why, in Portuguese, for the flow author."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


def read_values(request: Request) -> tuple[Values, str]:
    """The values, body before query, and the form in which they came. Raises BadValues."""
    values = _pairs(request.query_string)
    form = "consulta" if values else "vazio"
    body, sent = _body(request), Values()
    if request.mimetype == "multipart/form-data":
        sent, form = _multipart(request), "formulario"
    elif body:
        # The first byte decides: curl and some blocks send JSON as a form, others a form without a type.
        is_form = body[:1] not in b'{["' and b"=" in body
        sent = _pairs(body) if is_form else _object(body)
        form = "formulario" if is_form else "json"
    # A key that the body leaves empty does not hide the query's.
    values |= {key: value for key, value in sent.items() if key not in values or not is_missing(value)}
    _refuse_unusable(values)
    return values, form


def _body(request: Request) -> bytes:
    """Raises RequestEntityTooLarge."""
    body = request.get_data()
    # werkzeug silently cuts off a body without Content-Length at its limit, which is one byte more.
    if len(body) > MAX_BODY:
        raise RequestEntityTooLarge
    return body.removeprefix(codecs.BOM_UTF8).strip()


def _pairs(encoded: bytes) -> Values:
    try:
        return dict(
            parse_qsl(
                encoded.decode("utf-8"),
                keep_blank_values=True,
                errors="strict",
                max_num_fields=MAX_FIELDS,
            )
        )
    except UnicodeDecodeError:
        raise BadValues("o texto não está em UTF-8") from None
    except ValueError:
        raise BadValues(f"mais de {MAX_FIELDS} campos") from None


def _multipart(request: Request) -> Values:
    try:
        form = request.form
    except RequestEntityTooLarge:  # by the number of fields: the length was checked before
        raise BadValues(f"mais de {MAX_FIELDS} campos") from None
    # werkzeug names a part None if it cannot read its name.
    pairs = [(name, text) for name, text in form.items() if name is not None]
    if any("\N{REPLACEMENT CHARACTER}" in text for pair in pairs for text in pair):
        raise BadValues("o texto não está em UTF-8")
    return dict(pairs)


def _object(body: bytes) -> Values:
    try:
        # Not strict: a customer's line break, pasted into a raw body, is still text.
        values = json.loads(body.decode(), parse_constant=_not_json, strict=False)
    except UnicodeDecodeError:
        raise BadValues("o texto não está em UTF-8") from None
    except (ValueError, RecursionError):
        raise BadValues("o corpo não é um JSON válido") from None
    if not isinstance(values, dict):
        raise BadValues('o corpo deve ser um objeto JSON, como {"localizacao": "..."}')
    return values


def _not_json(constant: str) -> NoReturn:
    raise ValueError(constant)


def _refuse_unusable(value: object, depth: int = 0) -> None:
    """Refuse lone surrogates and NUL, which would break a log, a database or a URL, and too deep nesting."""
    if depth > MAX_DEPTH:
        raise BadValues(f"o JSON tem mais de {MAX_DEPTH} níveis")
    if isinstance(value, str):
        if _UNUSABLE.search(value):
            raise BadValues("o texto tem caracteres inválidos")
    elif isinstance(value, dict):
        for key, inner in value.items():
            _refuse_unusable(key)
            _refuse_unusable(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            _refuse_unusable(inner, depth + 1)
