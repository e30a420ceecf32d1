"""The file that Typebot imports: right as we make it, and every way of being wrong is found."""

import copy
import json
import re

import pytest

from webhook.flows import export
from webhook.platforms.typebot import check, loop

ADDRESSES = [
    "https://webhook.isp.example/ozmap",
    "https://webhook.isp.example:8443",
    "https://conexão-são-josé.com.br",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_exported_file_has_no_problem(address):
    document = json.loads(export.definition("typebot", "conversa", address))
    assert list(check.problems(document)) == []
    [call] = [
        block for group in document["groups"] for block in group["blocks"] if block["type"] == "Webhook"
    ]
    assert call["options"]["webhook"]["url"] == f"{address}/typebot/conversa"


def test_a_committed_file_has_no_variable_that_typebot_would_fill():
    text = (export.folder("typebot") / "conversa.json").read_text()
    assert "{{PUBLIC_URL}}" not in text
    assert "https://SEU-ENDERECO/typebot/conversa" in text


def test_its_body_is_json_for_any_answer():
    [body] = re.findall(r'"body": (".*")', loop.make("https://x"))
    filled = json.loads(body).replace("{{resposta}}", json.dumps('aspas " e\nlinha')[1:-1])
    assert json.loads(filled)["resposta"] == ' aspas " e\nlinha'


def every(document, key):
    """Each object that has the key."""
    if isinstance(document, dict):
        if key in document:
            yield document
        for inner in document.values():
            yield from every(inner, key)
    elif isinstance(document, list):
        for inner in document:
            yield from every(inner, key)


def edge_to(document, group):
    return next(one["to"] for one in document["edges"] if one["to"]["groupId"] == group)


def call_of(document):
    return next(one for one in every(document, "type") if one["type"] == "Webhook")


def wait_of(document):
    return next(one for one in every(document, "type") if one["type"] == "Wait")


BROKEN = {
    "lacks the key theme": lambda d: d.pop("theme"),
    "is null: leave it out": lambda d: d["variables"][0].update(value=None),
    "is used 2 times": lambda d: d["groups"][1].update(id=d["groups"][0]["id"]),
    "has more than letters and digits": lambda d: d["variables"][0].update(id="v-1"),
    "is followed and not drawn": lambda d: d["edges"].pop(),
    "is drawn and not followed": lambda d: d["groups"][2]["blocks"][0].pop("outgoingEdgeId"),
    "begins at two places": lambda d: d["edges"][1].update({"from": {"blockId": "bFala"}}),
    "leads nowhere": lambda d: d["edges"][2]["to"].update(groupId="gNada"),
    "nothing leads to the group": lambda d: edge_to(d, "gBotoes").update(groupId="gPedido"),
    "no block calls the service": lambda d: call_of(d).update(type="text"),
    "which waits for a call": lambda d: call_of(d).update(type="webhook"),
    "must call from the server": lambda d: call_of(d)["options"].update(isExecutedOnClient=True),
    "must have the placeholder": lambda d: call_of(d)["options"]["webhook"]["headers"][0].update(value="k"),
    "must say data?.": lambda d: call_of(d)["options"]["responseVariableMapping"][1].update(
        bodyPath="data.acao"
    ),
    "needs shouldPause": lambda d: wait_of(d)["options"].update(shouldPause=False),
    "needs its seconds as text": lambda d: wait_of(d)["options"].update(secondsToWaitFor=5),
    "there is no variable with the id": lambda d: wait_of(d)["options"].update(variableId="vX"),
    "there is no variable {{nada}}": lambda d: wait_of(d)["options"].update(secondsToWaitFor="{{nada}}"),
}


@pytest.mark.parametrize("finding", BROKEN)
def test_a_broken_file_is_found(finding):
    document = json.loads(loop.make("https://webhook.isp.example"))
    broken = copy.deepcopy(document)
    BROKEN[finding](broken)
    assert any(finding in problem for problem in check.problems(broken))
