"""The loop as a Typebot file of version 6.1.

The format is documented nowhere; its schemas are public (github.com/baptisteArno/typebot.io, packages/*/src,
as of release 3.18.0). Its import checks neither edges nor ids: webhook/platforms/typebot/check.py does.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

VERSION = "6.1"
KEY = "COLE-A-CHAVE-AQUI"
TIMEOUT_S = 15
"""Above the reply deadline. A server without CHAT_API_TIMEOUT does not look at it."""
SILENCE = "Uma pessoa continua esta conversa."
Block: TypeAlias = dict[str, Any]

# Session variables are not stored with a result: nothing of the customer stays in Typebot that need not.
_SESSION = ("acao", "mensagem", "opcoes", "espera_s", "etapa", "http_status", "nome", "telefone")
_VARIABLES = ("conversa_id", "resposta", *_SESSION)
_REPLY = {
    # A missing key must not leave the last value: with `data?.` an expression never throws.
    "http_status": "statusCode",
    "acao": "data?.acao",
    "mensagem": "data?.mensagem",
    # Buttons come from a list; an empty text in it would be a question that nobody can answer.
    "opcoes": '(data?.opcoes || "").split("\\n").filter(Boolean)',
    # A wait without a number is skipped, and the loop then runs as fast as the server can.
    "espera_s": "Math.min(Math.max(Number(data?.espera_s) || 3, 3), 10)",
    "etapa": "data?.etapa",
}
_BODY = {
    "conversa_id": "{{conversa_id}}",
    # The leading blank: Typebot takes an answer like 12n for a big integer, and throws.
    "resposta": " {{resposta}}",
    "etapa": "{{etapa}}",
    "nome": " {{nome}}",
    "telefone": " {{telefone}}",
    "botoes": "sim",
}


def make(public_url: str) -> str:
    """The file. The key is a placeholder: Typebot would export a real one again in clear."""
    groups = [*_question(f"{public_url}/typebot/conversa"), *_next_steps(), *_ends()]
    document = {
        "version": VERSION,
        "name": "Conversa conduzida pelo serviço",
        "icon": None,
        "folderId": None,
        "events": [
            {
                "id": "inicio",
                "type": "start",
                "graphCoordinates": {"x": 0, "y": 0},
                "outgoingEdgeId": "deInicio",
            }
        ],
        "groups": groups,
        "edges": list(_edges(groups)),
        "variables": [
            {"id": _id(name), "name": name, **({"isSessionVariable": True} if name in _SESSION else {})}
            for name in _VARIABLES
        ],
        "theme": {},
        # Typebot's own words for a typed answer that is no button are English.
        "settings": {"general": {"systemMessages": {"invalidMessage": "Escolha uma das opções, por favor."}}},
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _id(name: str) -> str:
    """Letters and digits only: Typebot makes a name in JavaScript of it."""
    return "v" + "".join(word.title() for word in name.split("_"))


def _question(url: str) -> Iterator[Block]:
    """How the service is asked, and its message shown."""
    yield _group("Inicio", "Início", 1, 0, [
        # Once: in a preview the id is another one each time that it is set.
        _set("conversa", "conversa_id", "Result ID"),
        # On WhatsApp the platform knows both; on the web they stay empty.
        _set("nome", "nome", "Contact name"),
        _set("telefone", "telefone", "Phone number"),
        # A visitor who is remembered keeps these from the last visit.
        _set("etapa", "etapa", "Empty"),
        _set("respostaVazia", "resposta", "Empty") | {"outgoingEdgeId": "dePreparo"},
    ])  # fmt: skip
    yield _group("Pedido", "Pergunta ao serviço", 2, 0, [
        _request(url),
        # A wait would send the last answer once more.
        _set("limpa", "resposta", "Empty"),
        # A failed call goes on along the same edge, and an error page may have a message of its own.
        _condition("filtro", [
            ("falhou", [("http_status", "Not equal", "200")], "deFalha"),
            # An empty bubble before a wait ends a conversation on WhatsApp.
            ("temMensagem", [("mensagem", "Is set", None)], "deMensagem"),
        ], otherwise="deSemMensagem"),
    ])  # fmt: skip
    yield _group("Fala", "Mostra a mensagem", 3, 0, [
        _text("fala", "{{mensagem}}") | {"outgoingEdgeId": "deFala"},
    ])  # fmt: skip


def _next_steps() -> Iterator[Block]:
    """What is done after a message."""
    yield _group("Decide", "Decide o próximo passo", 4, 0, [
        _condition("decide", [
            ("comBotoes", [("acao", "Equal to", "perguntar"), ("opcoes", "Is set", None)], "deBotoes"),
            ("aberta", [("acao", "Equal to", "perguntar")], "deAberta"),
            ("espera", [("acao", "Equal to", "esperar")], "deEspera"),
            ("transfere", [("acao", "Equal to", "transferir")], "deTransfere"),
            # Without an edge the conversation ends here.
            ("encerra", [("acao", "Equal to", "encerrar")], ""),
        ], otherwise="deDesconhecido"),
    ])  # fmt: skip
    yield _group("Botoes", "Pergunta com botões", 5, -2, [{
        "id": "bBotoes", "type": "choice input", "items": [{"id": "iOpcao"}],
        "options": {"variableId": _id("resposta"), "dynamicVariableId": _id("opcoes")},
        "outgoingEdgeId": "deEscolha",
    }])  # fmt: skip
    yield _group("Pergunta", "Pergunta aberta", 5, -1, [{
        "id": "bPergunta", "type": "text input",
        "options": {
            "variableId": _id("resposta"), "labels": {"placeholder": "Escreva aqui...", "button": "Enviar"},
        },
        "outgoingEdgeId": "deResposta",
    }])  # fmt: skip
    yield _group("Espera", "Espera", 5, 0, [{
        # shouldPause: without it the server itself polls, forty times in half a second.
        "id": "bEspera", "type": "Wait",
        "options": {"secondsToWaitFor": "{{espera_s}}", "shouldPause": True},
        "outgoingEdgeId": "dePausa",
    }])  # fmt: skip


def _ends() -> Iterator[Block]:
    """Where a bot ends that a person follows."""
    # Typebot has no hand-over. An input that leads back to itself keeps the bot out of the attendant's chat
    # until the session ends; otherwise the next message would begin a new conversation.
    yield _group("Pessoa", "Uma pessoa continua", 5, 1, [{
        "id": "bSilencio", "type": "text input",
        "options": {"labels": {"placeholder": SILENCE, "button": "Enviar"}},
        "outgoingEdgeId": "deSilencio",
    }])  # fmt: skip
    yield _group("Desculpa", "Pede desculpas", 5, 2, [
        _text("desculpa", "Tive um problema aqui. Uma pessoa vai continuar com você.")
        | {"outgoingEdgeId": "deDesculpa"},
    ])  # fmt: skip


_TARGETS = {
    "deInicio": "Inicio", "dePreparo": "Pedido", "deFalha": "Desculpa", "deMensagem": "Fala",
    "deSemMensagem": "Decide", "deFala": "Decide", "deBotoes": "Botoes", "deAberta": "Pergunta",
    "deEspera": "Espera", "deTransfere": "Pessoa", "deDesconhecido": "Desculpa", "deEscolha": "Pedido",
    "deResposta": "Pedido", "dePausa": "Pedido", "deSilencio": "Pessoa", "deDesculpa": "Pessoa",
}  # fmt: skip
"""Edge to the group that it leads to."""


def _group(id_: str, title: str, column: int, row: int, blocks: list[Block]) -> Block:
    place = {"x": 320 * column, "y": 220 * row}
    return {"id": f"g{id_}", "title": title, "graphCoordinates": place, "blocks": blocks}


def _set(id_: str, variable: str, kind: str) -> Block:
    return {
        "id": f"b{id_.title()}",
        "type": "Set variable",
        "options": {"variableId": _id(variable), "type": kind},
    }


def _text(id_: str, text: str) -> Block:
    paragraph = {"type": "p", "children": [{"text": text}]}
    return {"id": f"b{id_.title()}", "type": "text", "content": {"richText": [paragraph]}}


def _request(url: str) -> Block:
    headers = {"X-Webhook-Key": KEY, "Content-Type": "application/json"}
    return {
        # Its old name stayed. "webhook" in lower case is another block, which waits for a call from outside.
        "id": "bPedido",
        "type": "Webhook",
        "options": {
            "isCustomBody": True,
            # From the customer's browser the key would be public.
            "isExecutedOnClient": False,
            "timeout": TIMEOUT_S,
            "webhook": {
                "method": "POST",
                "url": url,
                "headers": [
                    {"id": f"h{n}", "key": key, "value": value}
                    for n, (key, value) in enumerate(headers.items())
                ],
                "queryParams": [],
                "body": json.dumps(_BODY, indent=2),
            },
            "responseVariableMapping": [
                {"id": f"m{n}", "variableId": _id(name), "bodyPath": path}
                for n, (name, path) in enumerate(_REPLY.items())
            ],
        },
    }


def _condition(
    id_: str, cases: Sequence[tuple[str, Sequence[tuple[str, str, str | None]], str]], otherwise: str
) -> Block:
    """`cases` are the item's id, its comparisons and its edge; `otherwise` is the edge of everything else."""
    items = []
    for name, comparisons, edge in cases:
        compared = [
            {"id": f"c{name}{n}", "variableId": _id(variable), "comparisonOperator": operator}
            | ({"value": value} if value is not None else {})
            for n, (variable, operator, value) in enumerate(comparisons)
        ]
        item = {"id": f"i{name.title()}", "content": {"logicalOperator": "AND", "comparisons": compared}}
        items.append(item | ({"outgoingEdgeId": edge} if edge else {}))
    return {"id": f"b{id_.title()}", "type": "Condition", "items": items, "outgoingEdgeId": otherwise}


def _edges(groups: Sequence[Block]) -> Iterator[Block]:
    """The other writing of each `outgoingEdgeId`."""
    yield {"id": "deInicio", "from": {"eventId": "inicio"}, "to": {"groupId": "gInicio"}}
    for source, edge in outgoing(groups):
        yield {"id": edge, "from": source, "to": {"groupId": f"g{_TARGETS[edge]}"}}


def outgoing(groups: Sequence[Mapping[str, Any]]) -> Iterator[tuple[dict[str, str], str]]:
    """Where each edge begins, and its id."""
    for block in (block for group in groups for block in group["blocks"]):
        for item in block.get("items", ()):
            if "outgoingEdgeId" in item:
                yield {"blockId": block["id"], "itemId": item["id"]}, item["outgoingEdgeId"]
        if "outgoingEdgeId" in block:
            yield {"blockId": block["id"]}, block["outgoingEdgeId"]
