"""Reads what a low-code HTTP block sends: JSON, form or query, whatever its Content-Type claims."""

import codecs
import json
import re
from typing import Any, NoReturn
from urllib.parse import parse_qsl

from flask import Request
from werkzeug.exceptions import RequestEntityTooLarge

from schemas.request import is_missing

MAX_BODY = 64 * 1024
"""Bytes."""
MAX_FIELDS = 100
MAX_DEPTH = 32
"""Levels of objects and lists in each other."""

_UNUSABLE = re.compile("[\0\ud800-\udfff]")


class UnreadableRequest(Exception):
    """The request's values cannot be read; `detail` says why, in Portuguese, for the flow author."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


def read_values(request: Request) -> tuple[dict[str, Any], str]:
    """The values, body before query, and the form they came in. Raises UnreadableRequest."""
    values: dict[str, Any] = _pairs(request.query_string)
    form = "consulta" if values else "vazio"
    body, sent = _body(request), {}
    if request.mimetype == "multipart/form-data":
        sent, form = _multipart(request), "formulario"
    elif body:
        # The first byte tells: curl and some blocks call JSON a form, others call a form nothing.
        is_form = body[:1] not in b'{["' and b"=" in body
        sent = _pairs(body) if is_form else _object(body)
        form = "formulario" if is_form else "json"
    # A key that the body leaves empty does not hide the query's.
    values |= {key: value for key, value in sent.items() if key not in values or not is_missing(value)}
    _refuse_unusable(values)
    return values, form


def _body(request: Request) -> bytes:
    """Raises RequestEntityTooLarge. werkzeug cuts a body without Content-Length at its limit, silently."""
    body = request.get_data()
    if len(body) > MAX_BODY:
        raise RequestEntityTooLarge
    return body.removeprefix(codecs.BOM_UTF8).strip()


def _pairs(encoded: bytes) -> dict[str, Any]:
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
        raise UnreadableRequest("o texto não está em UTF-8") from None
    except ValueError:
        raise UnreadableRequest(f"mais de {MAX_FIELDS} campos") from None


def _multipart(request: Request) -> dict[str, Any]:
    try:
        form = request.form
    except RequestEntityTooLarge:  # the length was looked at before
        raise UnreadableRequest(f"mais de {MAX_FIELDS} campos") from None
    # werkzeug calls a part None whose name it cannot read.
    values: dict[str, Any] = {name: text for name, text in form.items() if name is not None}
    if any("\N{REPLACEMENT CHARACTER}" in text for pair in values.items() for text in pair):
        raise UnreadableRequest("o texto não está em UTF-8")
    return values


def _object(body: bytes) -> dict[str, Any]:
    try:
        # Not strict: a customer's line break pasted into a Raw body is still text.
        values = json.loads(body.decode(), parse_constant=_not_json, strict=False)
    except UnicodeDecodeError:
        raise UnreadableRequest("o texto não está em UTF-8") from None
    except (ValueError, RecursionError):
        raise UnreadableRequest("o corpo não é um JSON válido") from None
    if not isinstance(values, dict):
        raise UnreadableRequest('o corpo deve ser um objeto JSON, como {"localizacao": "..."}')
    return values


def _not_json(constant: str) -> NoReturn:
    raise ValueError(constant)


def _refuse_unusable(value: object, depth: int = 0) -> None:
    """Half characters and NUL, which later break a log, a database or a URL, and depth for its own sake."""
    if depth > MAX_DEPTH:
        raise UnreadableRequest(f"o JSON tem mais de {MAX_DEPTH} níveis")
    if isinstance(value, str):
        if _UNUSABLE.search(value):
            raise UnreadableRequest("o texto tem caracteres inválidos")
    elif isinstance(value, dict):
        for key, inner in value.items():
            _refuse_unusable(key)
            _refuse_unusable(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            _refuse_unusable(inner, depth + 1)
