"""A conversation becomes blocks that neither count nor compare."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.flows.conftest import HEAD, PERSON
from webhook.flows import dialogue, loading
from webhook.flows.definition import ELSE, Condition, End, HandOver, Message, Pause, Request
from webhook.flows.expand import MOST_COPIES, TooLong, expand
from webhook.flows.play import Player

ASKS_TWICE = """
[passos.pede]
pergunte = "Onde?"
de_novo = "Onde mesmo?"
variavel = "localizacao"
tentativas = 2
esgotou = "gente"
depois = "procura"
[passos.procura]
chame = "localizacao"
envie = ["localizacao"]
casos = { fim = ["localizacao_ok"] }
senao = "pede"
"""


def ids(flow):
    return [step.id for step in flow.steps]


def test_a_question_with_a_limit_is_written_out(made):
    flow = made(ASKS_TWICE)
    first, second = flow.by_id["pede"], flow.by_id["pede_2"]
    assert (first.text, second.text) == ("Onde?", "Onde mesmo?")
    assert (first.next, second.next) == ("procura", "procura_2")
    assert flow.by_id["procura_codigo"].next == "pede_2"
    assert flow.by_id["procura_2_codigo"].next == "gente"
    assert {step.origin for step in flow.steps} == {"pede", "procura", "fim", "gente"}
    assert "pede_3" not in flow.by_id


def test_without_its_own_words_a_repeat_says_the_same(made):
    flow = made(ASKS_TWICE.replace('de_novo = "Onde mesmo?"\n', ""))
    assert flow.by_id["pede_2"].text == "Onde?"


def test_only_steps_that_come_again_are_written_out(made):
    """Whoever has left the repeated question meets the same blocks, however often it was asked."""
    more = ASKS_TWICE.replace("fim =", "diz =") + '[passos.diz]\ndiga = "Achei."\ndepois = "fim"\n'
    flow = made(more)
    assert ids(flow).count("diz") == 1
    assert "diz_2" not in flow.by_id
    targets = {flow.by_id[f"procura{n}_codigo"].cases[0].next for n in ("", "_2")}
    assert targets == {"diz"}


def test_a_question_without_a_limit_is_one_block(made):
    flow = made(
        ASKS_TWICE.replace('tentativas = 2\nesgotou = "gente"\n', "").replace(
            "[passos.pede]", "[passos.pede]"
        )
    )
    assert ids(flow) == ["pede", "procura", "procura_codigo", "fim"]
    assert flow.by_id["procura_codigo"].next == "pede"


def test_two_limits_are_counted_apart(made):
    steps = """
[passos.a]
pergunte = "A?"
variavel = "x"
opcoes = { "B" = "b", "Fim" = "fim" }
tentativas = 2
esgotou = "gente"
[passos.b]
pergunte = "B?"
variavel = "y"
opcoes = { "A" = "a", "Fim" = "fim" }
tentativas = 2
esgotou = "gente"
"""
    flow = made(steps, HEAD + PERSON)
    assert len(set(ids(flow))) == len(flow.steps)
    for answers in (["B", "A", "B", "A"], ["atendente"], ["B", "A", "atendente"]):
        player = Player(flow, lambda *_: None)
        player.start()
        for answer in answers:
            assert not player.ended
            player.answer(answer)
        assert isinstance(player.at, HandOver)


def test_a_wait_with_a_limit(made):
    steps = """
[passos.consulta]
chame = "viabilidade"
casos = { aguarda = ["consultando"] }
senao = "fim"
[passos.aguarda]
espere = 5
diga = "{mensagem}"
tentativas = 2
esgotou = "gente"
depois = "consulta"
"""
    flow = made(steps)
    assert [step.seconds for step in flow.steps if isinstance(step, Pause)] == [5, 5]
    assert ids(flow)[:4] == ["consulta", "consulta_codigo", "aguarda", "aguarda_pausa"]
    assert isinstance(flow.by_id["aguarda"], Message)
    assert flow.by_id["aguarda_pausa"].next == "consulta_2"
    assert flow.by_id["consulta_3_codigo"].cases[0].next == "gente"


def test_a_wait_without_a_text_is_one_block(made):
    flow = made('[passos.a]\nespere = 3\ndepois = "fim"\n')
    assert [type(step) for step in flow.steps] == [Pause, End]


def test_an_option_is_known_with_and_without_its_accents(made):
    steps = '[passos.a]\npergunte = "Quer?"\nvariavel = "quer"\nopcoes = { "Não" = "fim", "Sim" = "gente" }\n'
    flow = made(steps, HEAD + PERSON)
    no, yes, person = flow.by_id["a_resposta"].cases
    assert (no.values, no.next) == (("Não", "Nao"), "fim")
    assert yes.values == ("Sim",)
    assert person.values == ("atendente", "falar com alguém", "falar com alguem")
    assert person.next == "gente"


def test_words_for_a_person_work_at_every_question(made):
    steps = '[passos.a]\npergunte = "Nome?"\nvariavel = "nome"\nprecisa = "nome"\ndepois = "fim"\n'
    flow = made(steps, HEAD + PERSON)
    condition = flow.by_id["a_resposta"]
    assert isinstance(condition, Condition)
    assert condition.edges == {"atendente, falar com alguém, falar com alguem": "gente", ELSE: "fim"}
    assert flow.hand_over_words == ("atendente", "falar com alguém")
    assert made(steps).by_id["a"].next == "fim"


def test_an_option_that_is_a_word_for_a_person_leads_where_it_says(made):
    steps = '[passos.a]\npergunte = "Quer?"\nvariavel = "quer"\nopcoes = { "ATENDENTE" = "fim" }\n'
    cases = made(steps, HEAD + PERSON).by_id["a_resposta"].cases
    assert cases[0].next == "fim"
    assert "atendente" not in [value.lower() for value in cases[1].values]


def test_a_call_branches_on_its_code(made):
    steps = '[passos.a]\nchame = "eco"\nenvie = ["conversa_id"]\ncom = { x = "y {nome}" }\n'
    steps += 'guarde = ["recebido"]\n'
    flow = made(steps + 'casos = { fim = ["eco"] }\nsenao = "gente"\n')
    call, condition = flow.by_id["a"], flow.by_id["a_codigo"]
    assert isinstance(call, Request)
    assert (call.calls, call.captures) == ("eco", ("codigo", "mensagem", "recebido"))
    assert call.values == {"conversa_id": "{conversa_id}", "x": "y {nome}"}
    assert (condition.variable, condition.edges) == ("codigo", {"eco": "fim", ELSE: "gente"})
    always = made(steps + 'depois = "fim"\n').by_id["a"]
    assert (always.next, always.captures) == ("fim", ("recebido",))


def test_an_end_with_a_text_is_a_message_and_the_end(made):
    flow = made('[passos.a]\ntransfira = "Já chamo alguém."\n')
    assert [type(step) for step in flow.steps] == [Message, HandOver]
    assert flow.by_id["a"].next == "a_fim"


TAKEN = """
[passos.pede]
pergunte = "Onde?"
variavel = "x"
tentativas = 3
esgotou = "pede_2"
depois = "pede_3"
[passos.pede_2]
diga = "De novo."
depois = "fim"
[passos.pede_3]
conforme = "x"
casos = { pede_resposta = ["a"], fim_2 = ["b"] }
senao = "pede"
[passos.pede_resposta]
diga = "Sim."
depois = "fim"
[passos.fim_2]
encerre = "Tchau."
"""


def test_names_of_copies_never_collide(made):
    flow = made(TAKEN)
    assert len(set(ids(flow))) == len(flow.steps)
    assert flow.by_id["pede_2"].text == "De novo."
    assert {target for step in flow.steps for target in step.edges.values()} <= set(ids(flow))


def test_names_of_further_blocks_never_collide(made):
    """A step may be called like the second block of another."""
    steps = """
[passos.a]
pergunte = "Quer?"
variavel = "x"
opcoes = { "Sim" = "a_resposta", "Consulta" = "c" }
[passos.a_resposta]
diga = "Sim."
depois = "fim"
[passos.c]
chame = "eco"
casos = { c_codigo = ["eco"] }
senao = "espera"
[passos.c_codigo]
diga = "Veio."
depois = "fim"
[passos.espera]
espere = 3
diga = "Só um instante."
depois = "espera_pausa"
[passos.espera_pausa]
transfira = "Já chamo."
[passos.espera_pausa_fim]
diga = "x"
depois = "fim"
"""
    flow = made(steps, HEAD + PERSON)
    assert len(set(ids(flow))) == len(flow.steps)
    assert {target for step in flow.steps for target in step.edges.values()} <= set(ids(flow))


@pytest.mark.parametrize(
    "path", [loading.LOOP, *loading.paths_in(loading.BUILT_IN)], ids=lambda path: path.stem
)
def test_ours_have_blocks_that_lead_to_blocks(path):
    flow = expand(loading.load(path))
    assert len(set(ids(flow))) == len(flow.steps)
    assert {target for step in flow.steps for target in step.edges.values()} <= set(ids(flow))
    assert {step.origin for step in flow.steps} == set(loading.load(path).steps)
    assert len(flow.steps) < MOST_COPIES / 10


def test_limits_that_multiply_are_refused_at_once(made):
    """Six questions that lead to each other, ten times each, would be a million blocks."""
    options = ", ".join(f'{one} = "{one}"' for one in "abcdef")
    steps = "".join(
        f'[passos.{one}]\npergunte = "?"\nvariavel = "x"\ntentativas = 10\nesgotou = "fim"\n'
        f"opcoes = {{ {options} }}\n"
        for one in "abcdef"
    )
    with pytest.raises(TooLong):
        made(steps)


NAMES = ("a", "a_2", "b", "b_resposta", "fim")
_to = st.sampled_from(NAMES)
_limit = st.one_of(
    st.just({}), st.fixed_dictionaries({"tentativas": st.integers(1, 3), "esgotou": st.just("fim")})
)
_step = st.one_of(
    st.builds(lambda to, limit: {"pergunte": "?", "variavel": "x", "depois": to} | limit, _to, _limit),
    st.builds(
        lambda to, yes: {"pergunte": "?", "variavel": "x", "opcoes": {"Sim": yes}, "depois": to}, _to, _to
    ),
    st.builds(lambda to, limit: {"espere": 3, "diga": "!", "depois": to} | limit, _to, _limit),
    st.builds(lambda to, yes: {"chame": "eco", "casos": {yes: ["eco"]}, "senao": to}, _to, _to),
    st.builds(lambda to: {"diga": "!", "depois": to}, _to),
)


@given(st.tuples(*[_step] * 4), st.lists(st.sampled_from(["Sim", "talvez"]), max_size=8))
def test_whatever_leads_where_blocks_are_whole_and_limits_are_kept(pieces, answers):
    tables = {**dict(zip(NAMES, pieces, strict=False)), "fim": {"encerre": ""}}
    head = {"titulo": "x", "para_que": "x", "versao": "1", "data": "2026-11-27"}
    read = dialogue.read("x", head | {"passos": tables})
    flow = expand(read)
    assert len(set(ids(flow))) == len(flow.steps)
    assert {target for step in flow.steps for target in step.edges.values()} <= set(ids(flow))
    met = dict.fromkeys(NAMES, 0)
    player = Player(flow, lambda *_: {"codigo": "eco"})
    try:
        player.start()
        for answer in answers:
            if player.ended:
                break
            met[player.at.origin] += 1
            player.go_on() if player.waits else player.answer(answer)
    except RuntimeError:
        return  # a loop that asks nothing
    for id_, step in read.steps.items():
        if limit := getattr(step, "times", 0):
            assert met[id_] <= limit
