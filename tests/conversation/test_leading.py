"""A customer who is led through a conversation, over HTTP and the store of each kind."""

import json
from dataclasses import replace

import pytest

from tests.conversation.conftest import FIBRE, NO_FIBRE, PIN, STREET
from webhook.conversation.lead import (
    AWAY_S,
    CHANGED,
    ERASES,
    GIVES_UP,
    GOES_ON,
    MOST_CALLS,
    MOST_UNUSABLE,
    STOPS,
)
from webhook.store.conversations import ENDED_FOR
from webhook.web.actions.conversation import MOST_BUSY

SALE = ("Sim", "Quero reservar", "Maria Souza", "48 98888-4321")


def test_from_hello_to_a_reserved_port(chat, sandbox):
    first = chat.say("oi")
    assert (first["acao"], first["codigo"], first["fluxo"]) == (
        "perguntar",
        "conversa_em_curso",
        "contratacao",
    )
    assert first["mensagem"].endswith("1 - Procurar no mapa\n2 - Atendente")
    place = chat.say(FIBRE)
    assert "Rua Dona Marina, 552" in place["mensagem"]
    assert (place["opcoes"], place["opcao_1"], place["opcao_3"]) == (
        "Sim\nNão\nAtendente",
        "Sim",
        "Atendente",
    )
    assert chat.say("1")["viavel"] is True
    assert "por até 30 dias" in chat.say("quero reservar!")["mensagem"]
    chat.say("Maria Souza")
    end = chat.say("48 99988-7766")
    assert (end["acao"], end["codigo"]) == ("encerrar", "conversa_encerrada")
    [client] = [one for one in sandbox.store["ftth-clients"].values() if one["code"] == end["reserva_codigo"]]
    assert client["name"] == "Maria Souza"
    assert chat.state.variables["confirma"] == "Sim"


def test_no_reply_has_a_name_or_a_phone_in_it(chat):
    chat.say()
    for answer in (FIBRE, *SALE):
        reply = json.dumps(chat.say(answer))
        assert "Maria" not in reply
        assert "4321" not in reply


def test_the_platforms_words_and_buttons(chat):
    opened = chat.say(botoes="sim")
    # Beside buttons some chats refuse what is typed, and a place is welcome here.
    assert (opened["opcoes"], "2 - Atendente" in opened["mensagem"]) == ("", True)
    closed = chat.say(FIBRE, botoes="sim")
    assert (closed["opcoes"], "1 - Sim" in closed["mensagem"]) == ("Sim\nNão\nAtendente", False)
    assert "1 - Sim" in chat.say("?")["mensagem"]


def test_huggy_by_default_only_looks_up(chat_on):
    chat = chat_on(platform="huggy")
    assert chat.say()["fluxo"] == "viabilidade"
    end = chat.says(FIBRE, "sim", "2")
    assert (end["acao"], end["viavel"], end["espera_s"], end["resposta"]) == ("encerrar", "sim", "", "")


def test_the_tenants_conversation_and_the_requests(chat_on, tenant):
    chat = chat_on(replace(tenant, conversation="prospect"))
    assert chat.say()["fluxo"] == "prospect"
    assert chat.post(fluxo="viabilidade")["fluxo"] == "viabilidade"
    unknown = chat.post(fluxo="nada")
    assert (unknown["codigo"], unknown["acao"]) == ("fluxo_desconhecido", "transferir")


def test_what_the_platform_knows_is_not_asked_but_consent_is_said_first(chat_on, sandbox):
    chat = chat_on(known={"nome": "Ana Lima", "telefone": "+55 48 98888-0000", "tags": "Bairro novo"})
    chat.say()
    chat.says(NO_FIBRE, "sim")
    said = chat.say("Quero ser avisado")
    assert said["acao"] == "esperar"
    assert "guarda o seu nome" in said["mensagem"]
    assert not sandbox.store["prospects"] or "Ana Lima" not in str(sandbox.store["prospects"].values())
    assert chat.say()["acao"] == "encerrar"
    assert "Ana Lima" in str([*sandbox.store["prospects"].values()])


def test_a_refused_known_phone_is_asked(chat_on):
    chat = chat_on(known={"nome": "Ana Lima", "telefone": "oculto@lid"})
    chat.say()
    assert "telefone, com DDD" in chat.says(NO_FIBRE, "sim", "1")["mensagem"]


def test_a_place_that_the_platform_knows(chat_on):
    chat = chat_on(known={"latitude": "-27.598710", "longitude": "-48.519455"})
    assert "É aqui que será a instalação?" in chat.say()["mensagem"]


@pytest.mark.parametrize(
    "answer",
    [
        {"resposta": {"latitude": -27.59871, "longitude": -48.519455}},
        {"latitude": -27.59871, "longitude": -48.519455},
        {"localizacao": PIN},
        {"resposta": f"https://maps.google.com/?q={PIN.replace(' ', '')}"},
    ],
)
def test_a_place_in_any_form_is_an_answer(chat, answer):
    chat.say()
    assert "É aqui que será a instalação?" in chat.say(**answer)["mensagem"]


def test_an_address_in_two_messages(chat):
    chat.say()
    assert "Qual é o número?" in chat.say(STREET)["mensagem"]
    assert "Rua Dona Marina, 552" in chat.say("552")["mensagem"]


def test_an_address_whose_street_alone_is_not_found(chat):
    chat.say()
    chat.say("Dona Marina")
    assert "É aqui que será a instalação?" in chat.say("552, Florianópolis")["mensagem"]


def test_a_place_marked_on_the_map_counts_at_any_question_about_a_place(chat):
    chat.say()
    link = chat.say("não sei")["mensagem"].rpartition("no mapa: ")[2]
    path = link.partition("15000")[2]
    form = {"latitude": "-27.598710", "longitude": "-48.519455"}
    assert chat.client.post(f"{path}/confirma", data=form).status_code == 200
    assert "É aqui que será a instalação?" in chat.say("pronto")["mensagem"]


@pytest.mark.parametrize("answer", ["", "🎤", "[sticker]", "áudio", "foto.jpg", "x" * 4000, "{{resposta}}"])
def test_what_no_question_can_use_gets_a_friendly_repeat_with_the_map(chat, answer):
    chat.say()
    reply = chat.say(answer)
    assert reply["mensagem"].startswith("Não consegui achar um lugar nessa resposta.")
    assert "/l/" in reply["mensagem"]
    # What helps is the question once more, without the greeting.
    assert "Olá" not in reply["mensagem"]
    assert "2 - Atendente" in reply["mensagem"]


def test_six_unusable_answers_lead_to_a_person(chat):
    chat.say()
    chat.says(FIBRE, "sim")
    for _ in range(MOST_UNUSABLE - 1):
        assert chat.say("talvez")["acao"] == "perguntar"
    end = chat.say("talvez")
    assert (end["acao"], end["codigo"], end["mensagem"]) == ("transferir", "conversa_transferida", GIVES_UP)
    assert "Rua Dona Marina, 552" in end["resumo"]
    assert "Viabilidade: sim" in end["resumo"]


def test_a_loop_of_questions_ends(chat):
    chat.say()
    chat.say(FIBRE)
    for n in range(MOST_CALLS):
        if chat.say(f"rec{'' if n % 2 else 'o'}meçar")["acao"] == "transferir":
            break
    assert chat.last["mensagem"] == GIVES_UP


@pytest.mark.parametrize("words", ["Atendente", "quero falar com um ATENDENTE", "2"])
def test_words_for_a_person_at_any_question(chat, words):
    chat.say()
    assert chat.say(words)["acao"] == "transferir"
    assert chat.last["resumo"] == "Nada consultado ainda."


def test_a_person_in_place_of_a_name(chat):
    chat.say()
    chat.says(FIBRE, *SALE[:2])
    end = chat.say("prefiro falar com uma pessoa")
    assert end["acao"] == "transferir"


def test_beginning_again(chat):
    chat.say()
    chat.says(FIBRE, "sim")
    assert chat.say("Recomeçar")["mensagem"].startswith("Tudo bem, vamos começar de novo.")
    assert chat.state.facts == {}
    chat.say(FIBRE)
    assert chat.say(reiniciar="sim")["mensagem"].startswith("Olá!")


def test_back_after_an_hour(chat):
    chat.sends_token = False
    chat.say()
    chat.say(FIBRE)
    chat.let_pass(AWAY_S + 1)
    back = chat.say("oi")
    assert back["mensagem"].startswith(GOES_ON)
    assert "É aqui que será a instalação?" in back["mensagem"]
    chat.let_pass(AWAY_S + 1)
    assert chat.say()["mensagem"].startswith(GOES_ON)
    assert chat.state.unusable == 0
    chat.let_pass(AWAY_S + 1)
    assert chat.say("sim")["viavel"] is True


def test_back_after_a_week(chat):
    chat.say()
    chat.say(FIBRE)
    chat.let_pass(7 * 86400)
    assert chat.say("oi")["mensagem"].startswith("Olá!")


def test_back_after_the_end(chat):
    chat.say()
    chat.says(FIBRE, "sim", "agora não")
    assert chat.last["acao"] == "encerrar"
    assert chat.say("oi")["mensagem"].startswith("Olá!")
    chat.say("atendente")
    chat.let_pass(ENDED_FOR + 1)
    assert chat.say(etapa="etapavelha")["mensagem"].startswith("Olá!")


def test_a_customer_of_another_platform_is_another(chat):
    chat.say()
    chat.say(FIBRE)
    chat.platform, chat.last = "huggy", {}
    assert chat.say()["mensagem"].startswith("Olá!")


@pytest.mark.parametrize(
    "values", [{"conversa_id": ""}, {"conversa_id": "{conversa_id}"}, {"conversa_id": "0"}]
)
def test_without_an_identity_a_person_takes_over(chat, values):
    reply = chat.post(**values)
    assert (reply["codigo"], reply["acao"]) == ("dados_invalidos", "transferir")


def test_refusals_hand_over_with_words(chat, chat_on):
    refused = chat.client.post("/fivehub/conversa", json={"conversa_id": "c1"})
    assert (refused.status_code, refused.get_json()["acao"]) == (401, "transferir")
    assert refused.get_json()["mensagem"]
    large = chat.post(resposta="x" * 70_000)
    assert (large["codigo"], large["acao"]) == ("dados_invalidos", "transferir")
    limited = chat_on(app={"rate_limit": "1/minute"})
    limited.post()
    assert (limited.post()["codigo"], limited.post()["acao"]) == ("limite_excedido", "transferir")


def test_the_store_is_down(chat_on):
    chat = chat_on(app={"database_url": "postgresql://postgres@127.0.0.1:1/none"})
    # Without an `etapa` nobody could count how often.
    assert (chat.post()["codigo"], chat.post()["acao"]) == ("ocupado", "transferir")
    chat.last = {"etapa": "etapaqualquer"}
    for _ in range(MOST_BUSY):
        assert (chat.say("sim")["acao"], chat.last["espera_s"]) == ("esperar", 3)
    assert (chat.say()["codigo"], chat.last["acao"]) == ("ocupado", "transferir")


def test_after_a_store_that_was_busy_the_question_comes_once_more(chat):
    first = chat.say()
    chat.last = {"etapa": "ocupadoxx"}
    assert chat.say("Sim")["mensagem"] == first["mensagem"]
    assert chat.state.unusable == 0


def test_ozmap_is_down_and_the_order_is_kept(chat, sandbox):
    chat.say()
    chat.say(FIBRE)
    sandbox.faults.add("/ftth-viability", status=503)
    assert "deixar o seu pedido" in chat.says("sim")["mensagem"]


def test_a_conversation_that_changed_meanwhile(chat_on, tenant, tmp_path):
    own = tmp_path / "minha.toml"
    text = """
titulo = "Minha"
para_que = "Pergunta duas coisas"
versao = "1"
data = 2026-11-27
[passos.cor]
pergunte = "Qual é a cor?"
variavel = "cor"
depois = "nome"
[passos.nome]
pergunte = "Qual é o nome?"
variavel = "nome"
depois = "fim"
[passos.fim]
encerre = "Obrigado, {cor}!"
"""

    def with_text(text):
        own.write_text(text)
        return chat_on(replace(tenant, conversation="minha"), app={"flows_dir": str(tmp_path)})

    chat = with_text(text)
    assert chat.say()["mensagem"] == "Qual é a cor?"
    last, chat = chat.last, with_text(text.replace("Qual é a cor?", "Que cor prefere?"))
    chat.last = last
    assert chat.say("azul")["mensagem"] == "Que cor prefere?"
    assert chat.say("azul")["mensagem"] == "Qual é o nome?"
    last, chat = chat.last, with_text(text.replace("nome", "apelido"))
    chat.last = last
    assert chat.say("Ana")["mensagem"] == f"{CHANGED}\n\nQual é a cor?"


def test_each_step_is_counted_and_logged_as_what_it_is(chat, capsys):
    chat.say()
    chat.say(FIBRE)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    step, call = [line for line in lines if line.get("outcome") == "localizacao_ok"], lines[-1]
    assert [(one["event"], one["action"]) for one in step] == [("conversation step", "localizacao")]
    assert (call["action"], call["outcome"]) == ("conversa", "conversa_em_curso")
    assert step[0]["protocolo"] == call["protocolo"]
    assert "Marina" not in json.dumps(lines)


def test_a_loop_that_is_started_again_sends_the_last_action_and_no_answer(chat):
    chat.say()
    chat.says(FIBRE, *SALE[:2])
    assert "nome completo" in chat.last["mensagem"]
    assert chat.say("perguntar")["mensagem"].startswith("Qual é o seu nome completo?")
    assert "nome" not in chat.state.variables


@pytest.mark.parametrize(
    "answer",
    [
        "cancelar",
        "não quero dar meu nome",
        "me liga",
        "quem é você?",
        "maria@x.com",
        "<b>Maria</b>",
        "suporte",
    ],
)
def test_a_refusal_is_nobodys_name(chat, answer):
    chat.say()
    chat.says(FIBRE, *SALE[:2])
    chat.say(answer)
    assert "nome" not in chat.state.variables


def test_a_name_in_a_sentence(chat):
    chat.say()
    chat.says(FIBRE, *SALE[:2], "Meu nome é Maria da Silva")
    assert chat.state.variables["nome"] == "Maria da Silva"


@pytest.mark.parametrize("words", ["sair", "Não quero mais", "tchau!"])
def test_whoever_wants_no_more_may_go_at_any_question(chat, words):
    chat.say()
    chat.says(FIBRE, *SALE[:2])
    assert (chat.say(words)["acao"], chat.last["mensagem"]) == ("encerrar", STOPS)


def test_what_the_consent_promises_is_kept(chat):
    chat.say()
    assert "apagar meus dados" in chat.says(FIBRE, *SALE[:2])["mensagem"]
    assert (chat.say("quero apagar meus dados")["acao"], chat.last["mensagem"]) == ("transferir", ERASES)


def test_what_the_consent_promises_is_kept_after_the_end(chat):
    chat.say()
    chat.says(FIBRE, *SALE)
    assert chat.last["acao"] == "encerrar"
    assert (chat.say("apagar meus dados")["acao"], chat.last["mensagem"]) == ("transferir", ERASES)
    assert chat.say("oi")["mensagem"].startswith("Olá!")


@pytest.mark.parametrize("name", ["CONTRATACAO", "Contratação "])
def test_a_conversation_by_its_name_in_another_spelling(chat, name):
    assert chat.post(fluxo=name)["fluxo"] == "contratacao"


def test_how_far_off_a_pin_may_be_is_heeded(chat):
    chat.say()
    rough = chat.say(latitude=-27.59871, longitude=-48.519455, precisao_m=5000)
    assert "É aqui que será a instalação?" not in rough["mensagem"]


def test_a_small_radius_of_the_platforms(chat_on):
    chat = chat_on(known={"raio_m": 1})
    chat.say()
    assert chat.says(FIBRE, "sim")["acao"] == "perguntar"


def test_what_is_wrong_with_a_request_is_said_to_the_flows_author_alone(chat):
    reply = chat.post(resposta="a\0b")
    assert (reply["acao"], "caracteres inválidos" in reply["resumo"]) == ("transferir", True)
    assert reply["mensagem"] == "Tive um problema aqui. Uma pessoa vai continuar com você."
