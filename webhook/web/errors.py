"""The one place where an exception becomes a reply. The exception's own text is never part of it."""

from werkzeug.exceptions import HTTPException

from webhook.net.bulkhead import Full
from webhook.outcomes import (
    CHAVE_INVALIDA,
    DADOS_INVALIDOS,
    ERRO_INTERNO,
    LIMITE_EXCEDIDO,
    NAO_ENCONTRADO,
    OCUPADO,
    Answer,
)
from webhook.store import StoreUnavailable
from webhook.web.actions.base import BadValues
from webhook.web.auth import KeyRefused
from webhook.web.body import MAX_BODY, UnreadableRequest

_HTTP = {
    401: Answer(CHAVE_INVALIDA),
    404: Answer(NAO_ENCONTRADO),
    405: Answer(NAO_ENCONTRADO),
    413: Answer(DADOS_INVALIDOS, detail=f"o corpo passa de {MAX_BODY // 1024} kB"),
    429: Answer(LIMITE_EXCEDIDO),
}


def answer_to(error: Exception) -> tuple[Answer, int]:
    """Answer and HTTP status. Bad input is a business outcome: 200, because a flow cannot see a status."""
    if isinstance(error, KeyRefused):
        return _HTTP[401], 401
    if isinstance(error, UnreadableRequest | BadValues):
        return Answer(DADOS_INVALIDOS, detail=error.detail), 200
    if isinstance(error, StoreUnavailable | Full):
        return Answer(OCUPADO), 200
    if isinstance(error, HTTPException) and error.code in _HTTP:
        return _HTTP[error.code], error.code
    if isinstance(error, HTTPException) and 400 <= (error.code or 0) < 500:
        return Answer(DADOS_INVALIDOS, detail="a requisição HTTP está malformada"), 200
    return Answer(ERRO_INTERNO), 500
