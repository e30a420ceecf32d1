"""A prospect is created once, with its tags; what is promised is kept."""

import pytest

from sandbox import PLACES

FAULTS = [
    {"broken": "reset"},
    {"broken": "reset", "when": "after"},
    {"status": 500},
    {"status": 500, "when": "after"},
    {"status": 200, "body": "<html>", "when": "after"},
]


def names(shop) -> list[str]:
    return [one["code"] for one in shop.sandbox.store["prospects"].values()]


def test_a_whole_reply_and_what_it_left_in_ozmap(open_shop):
    shop = open_shop(tags=("Sem viabilidade",))
    before = set(shop.sandbox.store["prospects"])
    reply = shop.prospect(tags="chatbot, Nenhuma", observacao="portão verde")
    (id_,) = set(shop.sandbox.store["prospects"]) - before
    assert reply.pop("protocolo")
    assert reply == {
        "ok": True,
        "codigo": "prospect_criado",
        "mensagem": "Guardamos o seu contato e avisaremos quando a fibra chegar ao seu endereço.",
        "prospect_id": id_,
        "tags_aplicadas": "Chatbot, Sem viabilidade",
        "tags_ignoradas": "Nenhuma",
        "latitude": PLACES["no_fibre_street"].point.lat,
        "longitude": PLACES["no_fibre_street"].point.lng,
        "endereco": None,
    }
    record = shop.sandbox.store["prospects"][id_]
    assert (record["name"], record["phone"], record["viable"]) == ("Fulana Beltrana", "+5548999887766", False)
    assert record["code"] == record["external_id"]
    assert record["observation"] == f"Prospect do chatbot · {shop.mark} · portão verde"


def test_one_per_conversation_and_place(shop):
    before = len(names(shop))
    point = PLACES["no_fibre_street"].point
    assert shop.prospect()["codigo"] == "prospect_criado"
    assert shop.prospect(latitude=point.lat + 0.00001)["codigo"] == "prospect_ja_existe"
    assert shop.prospect(place="nowhere")["codigo"] == "prospect_criado"
    assert shop.prospect("another")["codigo"] == "prospect_criado"
    assert len(names(shop)) == before + 3


@pytest.mark.parametrize("call", ["GET /prospects", "GET /tags", "POST /prospects"])
@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_one_prospect_whatever_call_fails_and_how(shop, call, fault):
    before = len(names(shop))
    method, path = call.split()
    shop.sandbox.faults.add(path, method=method, times=2, **fault)
    assert shop.prospect(tags="Chatbot")["codigo"] in {"prospect_criado", "prospect_pendente"}
    shop.sandbox.faults.clear()
    shop.work()
    assert shop.prospect()["codigo"] == "prospect_ja_existe"
    assert len(names(shop)) == before + 1


def test_ozmap_down_for_the_whole_conversation(shop):
    before = len(names(shop))
    shop.sandbox.faults.add("/", broken="reset")
    assert shop.reserve("viable")["codigo"] == "reserva_pendente"
    assert shop.reserve("not", "no_fibre_street")["codigo"] == "reserva_pendente"
    assert shop.prospect("prospect")["codigo"] == "prospect_pendente"
    assert shop.code("reserva/consulta", "viable") == "reserva_pendente"
    assert shop.reserve("viable")["codigo"] == "reserva_pendente"
    shop.sandbox.faults.clear()
    shop.work()
    shop.restart()  # else its breaker may keep the next calls away from OZmap for two seconds
    assert shop.code("reserva/consulta", "viable") == "reserva_encontrada"
    reply = shop.ask("reserva/consulta", "not")
    assert (reply["codigo"], reply["motivo"]) == ("sem_viabilidade", "sem_caixa")
    assert shop.prospect("prospect")["codigo"] == "prospect_ja_existe"
    # That of the conversation, and the one that the reservation without a port became.
    assert len(names(shop)) == before + 2


def test_a_reservation_that_was_refused_at_once_leaves_no_prospect(shop):
    before = len(names(shop))
    reply = shop.reserve(place="no_fibre_street")
    assert (reply["codigo"], reply["motivo"]) == ("sem_viabilidade", "sem_caixa")
    shop.work()
    assert len(names(shop)) == before


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"nome": ""}, "nome está faltando"),
        ({"telefone": "{telefone}"}, "telefone está faltando"),
        ({"telefone": "12"}, "telefone deve ter DDD e número"),
        ({"telefone": "99988-7766"}, "telefone deve ter DDD e número"),
        ({"telefone": "3333-4444"}, "telefone deve ter DDD e número"),
        ({"conversa_id": None}, "conversa_id"),
        ({"caixa_id": "x"}, "caixa_id deve ser"),
    ],
)
def test_what_is_missing_is_named_before_anything_is_stored(shop, values, says):
    for ask in (shop.reserve, shop.prospect):
        reply = ask(**values)
        assert reply["codigo"] == "dados_invalidos"
        assert says in reply["mensagem"]
    assert not shop.sandbox.requests
    reply = shop.ask("prospect", nome="Fulana", telefone="48999887766")
    assert reply["codigo"] == "localizacao_ausente"
