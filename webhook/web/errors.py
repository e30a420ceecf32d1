"""The one place where an exception becomes a reply. The exception's own text is never part of it."""

from werkzeug.exceptions import HTTPException

from webhook import outcomes
from webhook.net.bulkhead import Full
from webhook.outcomes import Answer
from webhook.store import StoreUnavailable
from webhook.web.auth import KeyRefused
from webhook.web.body import MAX_BODY, BadValues

_HTTP = {
    400: Answer(outcomes.DADOS_INVALIDOS, detail="a requisição HTTP está malformada"),
    401: Answer(outcomes.CHAVE_INVALIDA),
    404: Answer(outcomes.NAO_ENCONTRADO),
    405: Answer(outcomes.NAO_ENCONTRADO),
    408: Answer(outcomes.DADOS_INVALIDOS, detail="o corpo não chegou a tempo"),
    413: Answer(outcomes.DADOS_INVALIDOS, detail=f"o corpo passa de {MAX_BODY // 1024} kB"),
    429: Answer(outcomes.LIMITE_EXCEDIDO),
}


def answer_to(error: Exception) -> tuple[Answer, int]:
    """Answer and HTTP status. Bad input is a business outcome: 200, because a flow cannot see a status."""
    if isinstance(error, KeyRefused):
        return _HTTP[401], 401
    if isinstance(error, BadValues):
        return Answer(outcomes.DADOS_INVALIDOS, detail=error.detail), 200
    if isinstance(error, StoreUnavailable | Full):
        return Answer(outcomes.OCUPADO), 200
    if isinstance(error, HTTPException) and error.code in _HTTP:
        return _HTTP[error.code], error.code
    if isinstance(error, HTTPException) and 400 <= (error.code or 0) < 500:
        return _HTTP[400], 200
    return Answer(outcomes.ERRO_INTERNO), 500
