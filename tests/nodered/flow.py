"""The loop as a Node-RED author builds it: a sub-flow of Node-RED's own nodes, and entries for the tests.

A message comes in with `conversa_id`, and after the first time with `etapa` and `resposta`. It leaves by the
output that says what to do. Node-RED has no node that waits for a customer: after `perguntar` the next answer
must come in with the `conversa_id` and the `etapa` that left.
"""

import json
from dataclasses import dataclass
from typing import Any

LOOP = "conversa"
OUTPUTS = ("perguntar", "transferir", "encerrar", "falha")
Node = dict[str, Any]

_PREPARE = """
// `http request` sends msg.headers too, and here they are those of the customer's request.
delete msg.headers;
msg.payload = {conversa_id: msg.conversa_id, etapa: msg.etapa, resposta: msg.resposta};
return msg;
"""
_TAKE = """
msg.acao = msg.payload.acao;
msg.etapa = msg.payload.etapa;
// What the customer has read since the last answer, with what was said before a pause.
msg.mensagens = (msg.mensagens || []).concat(msg.payload.mensagem || []);
return msg;
"""
_PAUSE = """
delete msg.resposta;
msg.delay = msg.payload.espera_s * env.get("MS_POR_SEGUNDO");
return msg;
"""
_ENTER = """
return Object.assign(msg, msg.payload);
"""


@dataclass(frozen=True)
class Entry:
    """An `http in` of the tests, with a use of the sub-flow behind it."""

    path: str
    url: str
    key: str
    ms_per_second: int = 1
    """Pauses last milliseconds in place of seconds, or the tests would take minutes."""


def flow(*entries: Entry) -> list[Node]:
    """All nodes, as Node-RED imports them."""
    tab = {"id": "entradas", "type": "tab", "label": "Entradas dos testes"}
    return [*_sub_flow(), tab, *(node for entry in entries for node in _entry(entry))]


def _sub_flow() -> list[Node]:
    request = {
        "method": "POST",
        "ret": "obj",
        "url": "${URL}",
        "senderr": False,
        "headers": [
            {
                "keyType": "other",
                "keyValue": "X-Webhook-Key",
                "valueType": "other",
                "valueValue": "${KEY}",
            }
        ],
    }
    # No connection makes the status a text such as ECONNREFUSED; the message goes on all the same.
    status = _switch("statusCode", "num", ["200"])
    action = _switch("acao", "str", ["perguntar", "transferir", "encerrar", "esperar"])
    delay = {"pauseType": "delayv", "timeout": "5", "timeoutUnits": "seconds"}
    outputs = [[("decide", 0)], [("decide", 1)], [("decide", 2)], [("decide", 4), ("confere", 1)]]
    return [
        {
            "id": LOOP,
            "type": "subflow",
            "name": "Conversa",
            "in": [{"x": 40, "y": 80, "wires": [{"id": "prepara"}]}],
            "out": [
                {"x": 900, "y": 40 * row, "wires": [{"id": id_, "port": port} for id_, port in ends]}
                for row, ends in enumerate(outputs, start=1)
            ],
            "env": [
                {"name": "URL", "type": "str", "value": ""},
                # A credential: exports of the flow leave it out.
                {"name": "KEY", "type": "cred", "value": ""},
                {"name": "MS_POR_SEGUNDO", "type": "num", "value": "1000"},
            ],
        },
        _node("prepara", "function", LOOP, [["chama"]], func=_PREPARE, outputs=1, libs=[]),
        _node("chama", "http request", LOOP, [["confere"]], **request),
        _node("confere", "switch", LOOP, [["toma"], []], **status),
        _node("toma", "function", LOOP, [["decide"]], func=_TAKE, outputs=1, libs=[]),
        _node("decide", "switch", LOOP, [[], [], [], ["pausa"], []], **action),
        _node("pausa", "function", LOOP, [["espera"]], func=_PAUSE, outputs=1, libs=[]),
        _node("espera", "delay", LOOP, [["prepara"]], **delay),
    ]


def _entry(entry: Entry) -> list[Node]:
    """`http in` -> sub-flow -> `http response`, with what a chat would show and the output taken."""
    at = entry.path
    env = [
        {"name": "URL", "type": "str", "value": entry.url},
        {"name": "KEY", "type": "cred"},
        {"name": "MS_POR_SEGUNDO", "type": "num", "value": str(entry.ms_per_second)},
    ]
    answers = [f"{at}_{output}" for output in OUTPUTS]
    return [
        _node(f"{at}_entra", "http in", "entradas", [[f"{at}_junta"]], url=f"/{at}", method="post"),
        _node(f"{at}_junta", "function", "entradas", [[f"{at}_conversa"]], func=_ENTER, outputs=1, libs=[]),
        _node(
            f"{at}_conversa",
            f"subflow:{LOOP}",
            "entradas",
            [[answer] for answer in answers],
            env=env,
            credentials={"KEY": entry.key},
        ),
        *(
            _node(answer, "function", "entradas", [[f"{at}_sai"]], func=_leave(output), outputs=1, libs=[])
            for answer, output in zip(answers, OUTPUTS, strict=True)
        ),
        _node(f"{at}_sai", "http response", "entradas", [], statusCode="200"),
    ]


def _leave(output: str) -> str:
    return f"""
const {{conversa_id, etapa, mensagens, statusCode}} = msg;
msg.payload = {{saida: {json.dumps(output)}, conversa_id, etapa, mensagens: mensagens || [], statusCode}};
// Those of the webhook's reply.
delete msg.headers;
return msg;
"""


def _node(id_: str, type_: str, z: str, wires: list[list[str]], **own: object) -> Node:
    # In a sub-flow, Node-RED replaces each property that equals a node's id by the id of the instance's node.
    # So no id may be the name of a field, such as `acao`.
    return {"id": id_, "type": type_, "z": z, "x": 200, "y": 80, "wires": wires, **own}


def _switch(name: str, type_: str, values: list[str]) -> Node:
    """The first equal value's output, else the last one."""
    rules = [{"t": "eq", "v": value, "vt": type_} for value in values]
    return {
        "property": name,
        "propertyType": "msg",
        "rules": [*rules, {"t": "else"}],
        "checkall": "false",
        "outputs": len(rules) + 1,
    }
