"""Reads what a low-code HTTP block sends: JSON, form or query, whatever its Content-Type claims."""

import json
import re
from typing import Any, NoReturn
from urllib.parse import parse_qsl

from flask import Request

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
    if request.mimetype == "multipart/form-data":
        values |= _multipart(request)
        form = "formulario"
    elif body := request.get_data(cache=False).strip():
        # curl and some blocks send JSON and call it a form.
        is_form = request.mimetype == "application/x-www-form-urlencoded" and body[:1] not in b"{["
        values |= _pairs(body) if is_form else _object(body)
        form = "formulario" if is_form else "json"
    _refuse_unusable(values)
    return values, form


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
    values: dict[str, Any] = request.form.to_dict()
    if any("\N{REPLACEMENT CHARACTER}" in text for pair in values.items() for text in pair):
        raise UnreadableRequest("o texto não está em UTF-8")
    return values


def _object(body: bytes) -> dict[str, Any]:
    try:
        values = json.loads(body.decode("utf-8-sig"), parse_constant=_not_json)
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
