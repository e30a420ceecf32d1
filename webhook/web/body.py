"""Reads the body of a low-code HTTP block: JSON, form or query, whatever its Content-Type claims."""

import codecs
import json
import re
from collections.abc import Sequence
from typing import NoReturn, TypeAlias
from urllib.parse import parse_qsl

from flask import Request
from werkzeug.exceptions import RequestEntityTooLarge

from schemas.unfilled import is_missing

MAX_BODY = 64 * 1024
"""Bytes."""
MAX_FIELDS = 100
MAX_DEPTH = 32
"""Levels of nested objects and lists."""

Values: TypeAlias = dict[str, object]

_HALVES = re.compile("[\ud800-\udfff]")
_BRACKETS = re.compile(r"([^\[\]]+)\[([^\[\]]*)\]")


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
        is_form = body[:1] not in b'{["' and (b"=" in body or body[:3].upper() == b"%7B")
        sent = _pairs(body) if is_form else _object(body)
        form = "formulario" if is_form else "json"
    if form == "formulario" and len(sent) == 1 and (document := next(iter(sent)).strip())[:1] == "{":
        sent, form = _object(document.encode()), "json"
    # A key that the body leaves empty does not hide the query's.
    values |= {key: value for key, value in sent.items() if key not in values or not is_missing(value, key)}
    return {_clean(key): _cleaned(value) for key, value in values.items()}, form


def _body(request: Request) -> bytes:
    """Raises RequestEntityTooLarge."""
    body = request.get_data()
    # werkzeug silently cuts off a body without Content-Length at its limit, which is one byte more.
    if len(body) > MAX_BODY:
        raise RequestEntityTooLarge
    return body.removeprefix(codecs.BOM_UTF8).strip()


def _pairs(encoded: bytes) -> Values:
    try:
        return _grouped(
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
    pairs = [(name, text) for name, text in form.items(multi=True) if name is not None]
    if any("\N{REPLACEMENT CHARACTER}" in text for pair in pairs for text in pair):
        raise BadValues("o texto não está em UTF-8")
    return _grouped(pairs)


def _grouped(pairs: Sequence[tuple[str, object]]) -> Values:
    """As HTML forms and PHP mean it: `tags` twice, `tags[]` and `tags[0]` are lists, `a[b]` is an object.

    A key that comes twice with the same value has that value.
    """
    plain = dict(pairs)
    if len(plain) == len(pairs) and "[" not in "".join(plain):
        return plain
    lists: dict[str, list[object]] = {}
    values: Values = {}
    for sent, value in pairs:
        brackets = _BRACKETS.fullmatch(sent)
        if brackets and brackets[2] and not brackets[2].isdigit():
            inner = values.setdefault(brackets[1], {})
            if isinstance(inner, dict):
                inner[brackets[2]] = value
            continue
        name = brackets[1] if brackets else sent
        different = lists.setdefault(name, [])
        if value not in different:
            different.append(value)
        if len(different) > MAX_FIELDS:
            raise BadValues(f"mais de {MAX_FIELDS} campos")
        values[name] = different if brackets else value
    for name, different in lists.items():
        if len(different) > 1:
            filled = [one for one in different if not is_missing(one, name)] or different[:1]
            values[name] = filled if len(filled) > 1 or isinstance(values[name], list) else filled[0]
    return values


def _object(body: bytes) -> Values:
    try:
        # Not strict: a customer's line break, pasted into a raw body, is still text.
        values = _loads(body.decode())
        # A block that writes JSON into a text field sends it as a JSON text, others wrap it in a list.
        if isinstance(values, str) and values[:1] == "{":
            values = _loads(values)
        if isinstance(values, list) and len(values) == 1:
            values = values[0]
    except UnicodeDecodeError:
        raise BadValues("o texto não está em UTF-8") from None
    except (ValueError, RecursionError):
        raise BadValues("o corpo não é um JSON válido") from None
    if not isinstance(values, dict):
        raise BadValues('o corpo deve ser um objeto JSON, como {"localizacao": "..."}')
    return values


def _not_json(constant: str) -> NoReturn:
    raise ValueError(constant)


_loads = json.JSONDecoder(parse_constant=_not_json, object_pairs_hook=_grouped, strict=False).decode


def _cleaned(value: object, depth: int = 1) -> object:
    """Without half characters (lone surrogates), which a cut text may end with: they break a log or a URL.

    Refuses NUL and too deep nesting. A value that is nothing else than half a character stays as it is, for
    whoever reads it to refuse.
    """
    if depth > MAX_DEPTH:
        raise BadValues(f"o JSON tem mais de {MAX_DEPTH} níveis")
    if isinstance(value, str):
        return _clean(value) or (value if depth == 1 else "")
    if isinstance(value, dict):
        return {_clean(key): _cleaned(inner, depth + 1) for key, inner in value.items()}
    return [_cleaned(inner, depth + 1) for inner in value] if isinstance(value, list) else value


def _clean(text: str) -> str:
    if "\0" in text:
        raise BadValues("o texto tem caracteres inválidos")
    return _HALVES.sub("", text)
