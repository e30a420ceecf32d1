"""A conversation's file is read, or each mistake is named: the file, the step, and what to do."""

import datetime

import pytest

from tests.flows.conftest import ENDS, HEAD, PERSON
from webhook.flows import loading
from webhook.flows.dialogue import Ask, Call, Choose, Finish, Say, ToPerson, Wait
from webhook.flows.loading import BadFile

ALL_KINDS = """
[passos.pede]
pergunte = "Onde?"
de_novo = "Onde mesmo?"
se_nao_entender = "Uma rua, por favor."
variavel = "localizacao"
precisa = "localizacao"
opcoes = { "Não sei" = "gente" }
tentativas = 2
esgotou = "gente"
depois = "procura"
[passos.procura]
chame = "viabilidade"
envie = ["localizacao"]
com = { modo = "raio" }
guarde = ["viavel"]
casos = { escolhe = ["viavel", "sem_viabilidade"] }
senao = "espera"
[passos.escolhe]
conforme = "viavel"
casos = { diz = ["sim"] }
senao = "fim"
[passos.espera]
espere = 5
diga = "Um instante."
depois = "procura"
[passos.diz]
diga = "Tem fibra."
depois = "fim"
"""


def problems(path):
    with pytest.raises(BadFile) as bad:
        loading.load(path)
    assert all(finding.file == path.name for finding in bad.value.findings)
    return [(finding.step, finding.text) for finding in bad.value.findings]


def test_each_kind_of_step(written):
    read = loading.load(written(ALL_KINDS + ENDS, HEAD + PERSON + 'plataformas = ["huggy"]\n'))
    assert (read.name, read.title, read.purpose, read.version) == ("exemplo", "Exemplo", "testar", "1")
    assert (read.date, read.platforms) == (datetime.date(2026, 11, 27), ("huggy",))
    assert (read.person, read.person_words) == ("gente", ("atendente", "falar com alguém"))
    assert read.start == "pede"
    kinds = {"pede": Ask, "procura": Call, "escolhe": Choose, "espera": Wait, "diz": Say}
    assert {id_: type(step) for id_, step in read.steps.items()} == kinds | {"fim": Finish, "gente": ToPerson}
    assert all(step.id == id_ for id_, step in read.steps.items())
    ask, call = read.steps["pede"], read.steps["procura"]
    assert ask.edges == {"Não sei": "gente", "": "procura", "esgotou": "gente"}
    assert (ask.again, ask.help, ask.times) == ("Onde mesmo?", "Uma rua, por favor.", 2)
    assert call.edges == {"viavel, sem_viabilidade": "escolhe", "senão": "espera"}
    assert (call.sends, call.fixed, call.captures) == (("localizacao",), {"modo": "raio"}, ("viavel",))
    assert read.steps["espera"].seconds == 5


def test_a_file_of_a_windows_editor(tmp_path):
    path = tmp_path / "minha.toml"
    path.write_bytes(b"\xef\xbb\xbf" + (HEAD + ENDS).replace("\n", "\r\n").encode())
    assert loading.load(path).name == "minha"


ASK = '[passos.a]\npergunte = "Onde?"\nvariavel = "x"\n'
CALL = '[passos.a]\nchame = "eco"\n'
A_NAME = "must be a name of a-z, 0-9 and _"
SECONDS = "espere must be a whole number from 3 to 10"
NO_KEY = "is no key here: remove it or correct its name"
A_TEXT = "must be a text in quotes"
ONE_OF = "must have one of: pergunte | chame | conforme | espere | transfira | encerre | diga"
WRONG_STEPS = {
    "an unknown key": (ENDS + 'cor = "azul"\n', "gente", f"cor {NO_KEY}"),
    "the id twice": ('[passos.a]\nid = "b"\nencerre = ""\n', "a", f"id {NO_KEY}"),
    "no verb": ('[passos.a]\ndepois = "a"\n', "a", ONE_OF),
    "no table": ("[passos]\na = 3\n", "a", ONE_OF),
    "a number for a text": ('[passos.a]\ndiga = 3\ndepois = "a"\n', "a", f"diga {A_TEXT}"),
    "an empty text": ('[passos.a]\ndiga = ""\ndepois = "a"\n', "a", "diga must not be empty"),
    "no following step": ('[passos.a]\ndiga = "x"\n', "a", "depois is missing"),
    "a name with a space": ('[passos.a]\ndiga = "x"\ndepois = "a b"\n', "a", f"depois {A_NAME}"),
    "a step's name in capitals": ('[passos.A]\nencerre = ""\n', "A", A_NAME),
    "a short wait": ('[passos.a]\nespere = 2\ndepois = "a"\n', "a", SECONDS),
    "a wait as text": ('[passos.a]\nespere = "5"\ndepois = "a"\n', "a", SECONDS),
    "a wait with a fraction": ('[passos.a]\nespere = 5.0\ndepois = "a"\n', "a", SECONDS),
    "many repeats": (
        ASK + 'tentativas = 11\nesgotou = "a"\n',
        "a",
        "tentativas must be a whole number from 1 to 10",
    ),
    "a question without a variable": ('[passos.a]\npergunte = "x"\n', "a", "variavel is missing"),
    "an unknown need": (
        ASK + 'precisa = "cpf"\n',
        "a",
        "precisa must be one of: texto | localizacao | nome | telefone | qualquer",
    ),
    "options as a list": (ASK + 'opcoes = ["Sim"]\n', "a", "opcoes must be a table"),
    "an option without a step": (ASK + 'opcoes = { "Sim" = 3 }\n', "a", f"opcoes.Sim {A_TEXT}"),
    "a case without values": (CALL + "casos = { a = [] }\n", "a", "casos.a must not be empty"),
    "a case that is no list": (
        CALL + 'casos = { a = "viavel" }\n',
        "a",
        'casos.a must be a list: ["one", "another"]',
    ),
    "a number in a case": (CALL + "casos = { a = [1] }\n", "a", f"casos.a.0 {A_TEXT}"),
    "a text to send": (CALL + 'envie = "x"\n', "a", 'envie must be a list: ["one", "another"]'),
    "a number to send": (CALL + "com = { x = 1 }\n", "a", f"com.x {A_TEXT}"),
    "a step that is called value": ('[passos.value]\ntransfira = 1\n', "value", f"transfira {A_TEXT}"),
    "no steps": ("[passos]\n", "", "passos must not be empty"),
    "steps that are a list": ("passos = [1]\n", "", "passos must be a table"),
    "nothing behind the head": ("", "", "passos is missing"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG_STEPS)
def test_a_mistake_in_the_steps(written, name):
    steps, step, text = WRONG_STEPS[name]
    assert problems(written(steps)) == [(step, text)]


@pytest.mark.parametrize(
    ("head", "texts"),
    [
        (HEAD + 'cor = "azul"\n', [f"cor {NO_KEY}"]),
        (HEAD.replace("titulo", "titullo"), ["titulo is missing", f"titullo {NO_KEY}"]),
        (HEAD.replace('"1"', "1"), [f"versao {A_TEXT}"]),
        (HEAD.replace("2026-11-27", '"ontem"'), ["data must be a date: 2026-11-27"]),
        (HEAD + 'atendente = "A"\n', [f"atendente {A_NAME}"]),
        (HEAD + 'name = "outro"\n', [f"name {NO_KEY}"]),
    ],
    ids=str,
)
def test_a_mistake_in_the_head(written, head, texts):
    assert problems(written(head=head)) == [("", text) for text in texts]


def test_all_mistakes_at_once(written):
    steps = '[passos.a]\ndiga = 3\n[passos.b]\nespere = 1\ndepois = "a"\n'
    found = problems(written(steps, HEAD + "cor = 1\n"))
    assert sorted(found) == sorted(
        [("a", f"diga {A_TEXT}"), ("a", "depois is missing"), ("b", SECONDS), ("", f"cor {NO_KEY}")]
    )


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"[passos.a\n", "cannot be read: Expected ']'"),
        ((HEAD + ENDS + ENDS).encode(), "cannot be read: Cannot declare"),
        ("titulo = 'Contratação'\n".encode("latin-1"), "cannot be read: 'utf-8' codec can't decode"),
        ((HEAD + ENDS).encode("utf-16"), "cannot be read: 'utf-8' codec can't decode"),
        (b"x = " + b"[" * 5000, "cannot be read: maximum recursion depth exceeded"),
    ],
    ids=["no TOML", "a step twice", "Latin-1", "UTF-16", "endless lists"],
)
def test_a_file_that_cannot_be_read(tmp_path, content, text):
    path = tmp_path / "quebrada.toml"
    path.write_bytes(content)
    [(step, problem)] = problems(path)
    assert step == ""
    assert problem.startswith(text)


def test_a_file_that_is_not_there(tmp_path):
    assert problems(tmp_path / "nada.toml")[0][1].startswith("cannot be read: ")


def test_a_finding_as_text():
    assert str(loading.Finding("a.toml", "pede", "is wrong")) == "a.toml [pede]: is wrong"
    assert str(loading.Finding("a.toml", "", "is wrong")) == "a.toml: is wrong"
