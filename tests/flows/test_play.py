"""The player stops where something outside has to happen, and goes on from there."""

import pytest

from tests.flows.conftest import HEAD, PERSON
from webhook.flows import answers
from webhook.flows.definition import End, HandOver, Pause, Question, Request
from webhook.flows.play import MOST_STEPS, Event, NotNow, Player, as_text

CONVERSATION = """
[passos.nome]
pergunte = "Qual é o seu nome?"
variavel = "nome"
precisa = "nome"
depois = "telefone"
[passos.telefone]
pergunte = "{nome}, qual é o telefone?"
variavel = "telefone"
precisa = "telefone"
depois = "grava"
[passos.grava]
chame = "prospect"
envie = ["nome", "telefone"]
guarde = ["prospect_id"]
casos = { feito = ["prospect_criado"], telefone = ["dados_invalidos"], aguarda = ["prospect_pendente"] }
senao = "gente"
[passos.aguarda]
espere = 5
diga = "Só um instante."
depois = "grava"
[passos.feito]
encerre = "Anotado: {prospect_id}."
"""


class Service:
    """Answers calls with codes, one after the other, and remembers what was sent."""

    def __init__(self, *codes):
        self.codes, self.calls = list(codes), []

    def __call__(self, step, values):
        self.calls.append((step.calls, dict(values)))
        code = self.codes.pop(0)
        return code and {"codigo": code, "mensagem": f"diz {code}", "prospect_id": 7, "outra": "x"}


def refuse(*_):
    raise NotNow


@pytest.fixture
def playing(made):
    def playing(*codes, steps=CONVERSATION, **options):
        service = Service(*codes)
        return Player(made(steps, HEAD + PERSON), service, **options), service

    return playing


def said(events):
    return [event.text for event in events if event.text]


def test_from_the_start_to_the_end(playing):
    player, service = playing("prospect_criado")
    assert player.at is None
    assert said(player.start()) == ["Qual é o seu nome?"]
    assert isinstance(player.at, Question)
    assert said(player.answer(" Ana  Luz")) == ["Ana Luz, qual é o telefone?"]
    assert said(player.answer("48 99988-7766")) == ["Anotado: 7."]
    assert isinstance(player.at, End)
    assert player.ended
    assert not player.waits
    assert service.calls == [("prospect", {"nome": "Ana Luz", "telefone": "48 99988-7766"})]
    assert player.variables == {
        "nome": "Ana Luz",
        "telefone": "48 99988-7766",
        "codigo": "prospect_criado",
        "mensagem": "diz prospect_criado",
        "prospect_id": 7,
    }


def test_an_answer_that_cannot_be_used_is_asked_for_again(playing):
    player, _ = playing()
    player.start()
    [event] = player.answer("12345")
    assert event.text == answers.HELP["nome"]
    assert player.at.id == "nome"
    assert "nome" not in player.variables
    assert said(player.repeat()) == ["Qual é o seu nome?"]


def test_a_person_may_be_asked_for_at_any_question(playing):
    player, _ = playing()
    player.start()
    player.answer("quero falar com alguem")
    assert isinstance(player.at, HandOver)
    assert player.ended


def test_a_pause_stops_it(playing):
    player, service = playing("prospect_pendente", "prospect_criado")
    player.start()
    player.answer("Ana Luz")
    assert said(player.answer("48 99988-7766")) == ["Só um instante."]
    assert isinstance(player.at, Pause)
    assert player.waits
    assert said(player.go_on()) == ["Anotado: 7."]
    assert len(service.calls) == 2


def test_a_request_that_may_not_begin_stops_it(playing):
    player, service = playing("prospect_criado")
    player.send = refuse
    player.start()
    player.answer("Ana Luz")
    assert said(player.answer("48 99988-7766")) == []
    assert isinstance(player.at, Request)
    assert player.waits
    assert service.calls == []
    assert player.go_on() == []
    assert player.waits
    player.send = service
    assert said(player.go_on()) == ["Anotado: 7."]


def test_what_is_known_is_not_asked(playing):
    player, service = playing("prospect_criado", known={"nome": "Ana Luz", "telefone": "48 99988-7766"})
    assert said(player.start()) == ["Anotado: 7."]
    assert service.calls[0][1] == {"nome": "Ana Luz", "telefone": "48 99988-7766"}


def test_what_is_known_but_cannot_be_used_is_asked(playing):
    player, _ = playing(known={"nome": "{nome}", "telefone": "99"})
    assert said(player.start()) == ["Qual é o seu nome?"]
    assert said(player.answer("Ana Luz")) == ["Ana Luz, qual é o telefone?"]


def test_what_is_known_but_refused_by_a_call_is_asked(playing):
    """Else it would be sent again and again."""
    known = {"nome": "Ana Luz", "telefone": "48 99988-7766"}
    player, service = playing("dados_invalidos", "prospect_criado", known=known)
    assert said(player.start()) == ["Ana Luz, qual é o telefone?"]
    assert said(player.answer("48 3333-4444")) == ["Anotado: 7."]
    assert [values["telefone"] for _, values in service.calls] == ["48 99988-7766", "48 3333-4444"]


def test_without_a_reply_variables_keep_their_values(playing):
    player, _ = playing("prospect_pendente", None)
    player.start()
    player.answer("Ana Luz")
    player.answer("48 99988-7766")
    player.go_on()
    # The worst that a platform may do: the old codigo leads to the pause again.
    assert player.variables["codigo"] == "prospect_pendente"
    assert isinstance(player.at, Pause)


def test_a_key_that_the_reply_lacks_keeps_its_value(made):
    steps = '[passos.a]\nchame = "eco"\nguarde = ["viavel", "motivo"]\n'
    steps += 'casos = { fim = ["eco"] }\nsenao = "gente"\n'
    player = Player(made(steps), lambda *_: {"codigo": "eco", "motivo": None}, {"viavel": True})
    player.start()
    assert player.variables == {"codigo": "eco", "motivo": None, "viavel": True}


def test_a_case_does_not_look_at_upper_and_lower_case(made):
    steps = '[passos.a]\nconforme = "viavel"\ncasos = { fim = ["TRUE"] }\nsenao = "gente"\n'
    for value, end in ((True, End), (" True ", End), (False, HandOver), (None, HandOver), ("", HandOver)):
        player = Player(made(steps), lambda *_: None, {"viavel": value})
        player.start()
        assert isinstance(player.at, end)


LOOPS = {
    "texts": '[passos.a]\ndiga = "x"\ndepois = "a"\n',
    "calls": '[passos.a]\nchame = "eco"\ncasos = { fim = ["eco"] }\nsenao = "a"\n',
    "conditions": '[passos.a]\nconforme = "x"\ncasos = { fim = ["sim"] }\nsenao = "b"\n'
    '[passos.b]\nconforme = "y"\ncasos = { fim = ["sim"] }\nsenao = "a"\n',
}


@pytest.mark.parametrize("name", LOOPS)
def test_a_loop_without_a_stop_ends(made, name):
    with pytest.raises(RuntimeError, match=f"exemplo: {MOST_STEPS} steps without a stop, the last is "):
        Player(made(LOOPS[name]), lambda *_: {"codigo": "x"}).start()


def test_a_known_answer_does_not_loop_for_ever(made):
    steps = '[passos.a]\npergunte = "?"\nvariavel = "x"\ndepois = "b"\n[passos.b]\ndiga = "!"\ndepois = "a"\n'
    player = Player(made(steps), lambda *_: None, known={"x": "sim"})
    assert said(player.start()) == ["!", "?"]


def test_methods_that_fit_no_stop(playing):
    player, _ = playing()
    for method in (player.go_on, player.repeat, lambda: player.answer("Ana")):
        with pytest.raises(ValueError, match="nothing was"):
            method()
    player.start()
    with pytest.raises(ValueError, match="nothing was waited for"):
        player.go_on()
    player.answer("Ana Luz")
    player.answer("atendente")
    for method in (player.go_on, player.repeat, lambda: player.answer("Ana")):
        with pytest.raises(ValueError, match="nothing was"):
            method()


def test_what_was_taken(playing):
    player, _ = playing("prospect_criado")
    player.start()
    player.answer("Ana Luz")
    player.answer("48 99988-7766")
    assert ("nome", "") in player.taken
    assert ("grava_codigo", "prospect_criado") in player.taken
    assert ("nome_resposta", "senão") in player.taken


@pytest.mark.parametrize(
    ("value", "text"), [(True, "true"), (False, "false"), (None, ""), (3, "3"), (2.5, "2.5"), ("x", "x")]
)
def test_values_as_a_platform_shows_them(value, text):
    assert as_text(value) == text


def test_an_event_without_a_text_is_silent(made):
    [event] = Player(made('[passos.a]\nespere = 3\ndepois = "fim"\n'), lambda *_: None).start()
    assert isinstance(event, Event)
    assert event.text == ""
