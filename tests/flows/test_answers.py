"""What a customer writes, read as what the question needs. Nothing that a chat can send raises."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webhook.flows import answers, dialogue
from webhook.flows.definition import Question
from webhook.flows.expand import expand

PERSON = ("atendente", "falar com uma pessoa", "falar com alguém", "humano")
OPTIONS = ("Sim", "Não", "Quero reservar")


def question(**keys: object) -> Question:
    """A question as a conversation's file makes it."""
    asks = {"pergunte": "?", "variavel": "x", "depois": "fim", **keys}
    head = {"titulo": "x", "para_que": "x", "versao": "1", "data": "2026-11-27"}
    read = dialogue.read("x", head | {"passos": {"pede": asks, "fim": {"encerre": ""}}})
    step = expand(read).by_id["pede"]
    assert isinstance(step, Question)
    return step


CHOICE = question(opcoes=dict.fromkeys(OPTIONS, "fim"))
PLACE = question(precisa="localizacao", opcoes={"Procurar no mapa": "fim", "Atendente": "fim"})
NAME, PHONE, TEXT, ANYTHING = (question(precisa=kind) for kind in ("nome", "telefone", "texto", "qualquer"))
ALL = (CHOICE, PLACE, NAME, PHONE, TEXT, ANYTHING)
MEDIA = [
    *("imagem", "[imagem]", "Áudio", "áudio 🎤", "figurinha", "<Mídia oculta>", "<Media omitted>", "sticker"),
    *("PTT-20261126-WA0001.opus", "IMG_2026.JPG", "contrato.pdf", "Esta mensagem foi apagada"),
]
NOTHING = ["", "   ", "...", "🙂", "👍", "\u200e", "{resposta}", "{{resposta}}", "null", "undefined"]


@pytest.mark.parametrize(
    ("said", "option"),
    [
        *(
            (one, "Sim")
            for one in ("1", "01", "1.", "1)", "(1)", "*1*", "１", "①", "1️⃣", "1\u200e", " 1 ", "opção 1")
        ),
        *((one, "Sim") for one in ("Sim", "sim", "SIM!", "_sim_", "Sim\u2069", "1 - Sim", "1-sim", "1 sim")),
        *((one, "Sim") for one in ("s", "isso", "É aqui", "Sim, por favor", "sim é aqui", "👍", "ok")),
        *((one, "Não") for one in ("n", "não é", "não, é outro")),
        *((one, "Não") for one in ("2", "2️⃣", "Não", "nao", "NÃO.", "Na\u0303o", "2 - Não", "Opcao 2")),
        *((one, "Quero reservar") for one in ("3", "quero  reservar", "QueroReservar", "3 - quero reservar")),
    ],
)
def test_an_option(said, option):
    assert answers.read(CHOICE, said) == option


@pytest.mark.parametrize(
    "said",
    ["4", "0", "1 ou 2", "1 - Não", "talvez", "x" * 4000, *(one for one in NOTHING if one != "👍"), *MEDIA],
)
def test_no_option(said):
    assert answers.read(CHOICE, said) is None


@pytest.mark.parametrize(
    "said",
    [
        "Rua Dona Marina, 552",
        "-27.598710, -48.519455",
        "https://maps.app.goo.gl/x",
        "88010-000",
        "552",
        "x" * 1000,
    ],
)
def test_a_place_in_words(said):
    assert answers.read(PLACE, said, PERSON) == said


def test_a_pin_is_kept_as_json():
    pin = {"latitude": -27.59871, "longitude": -48.519455, "name": "Praça"}
    assert json.loads(answers.read(PLACE, pin)) == pin
    assert "Praça" in answers.read(PLACE, pin)
    for other in (CHOICE, NAME, PHONE, TEXT):
        assert answers.read(other, pin) is None


@pytest.mark.parametrize("said", [*NOTHING, *MEDIA, {}, [], None, {"latitude": None}, "x" * 1001])
def test_no_place(said):
    assert answers.read(PLACE, said) is None


def test_options_of_a_place_go_before_it():
    assert answers.read(PLACE, "1") == "Procurar no mapa"
    assert answers.read(PLACE, "procurar no mapa") == "Procurar no mapa"
    assert answers.read(PLACE, "ATENDENTE", PERSON) == "Atendente"


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Maria Souza", "Maria Souza"),
        ("  maria\n souza ", "maria souza"),
        ("Zé", "Zé"),
        ("João D'Ávila-Neto", "João D'Ávila-Neto"),
        ("李明", "李明"),
        ("M" * 100, "M" * 100),
    ],
)
def test_a_name(said, name):
    assert answers.read(NAME, said, PERSON) == name


@pytest.mark.parametrize(
    "said",
    [
        "A",
        "oi",
        "Bom dia!",
        "sim",
        "não sei",
        "Maria 2",
        "552",
        "M" * 101,
        *(one for one in NOTHING if one != "👍"),
        *MEDIA,
    ],
)
def test_no_name(said):
    assert answers.read(NAME, said) is None


@pytest.mark.parametrize(
    "said", ["48 99988-7766", "(48) 99988-7766", "+55 48 99988-7766", "4833334444", "é o 48 99988-7766"]
)
def test_a_phone(said):
    assert answers.read(PHONE, said) == said


@pytest.mark.parametrize(
    "said",
    [
        "99988-7766",
        "quarenta e oito",
        "48999887766 ou 4833334444",
        "1" * 101,
        *(one for one in NOTHING if one != "👍"),
        *MEDIA,
    ],
)
def test_no_phone(said):
    assert answers.read(PHONE, said) is None


def test_a_text():
    assert answers.read(TEXT, "  ABC-1\n ") == "ABC-1"
    assert answers.read(TEXT, "x" * 500) == "x" * 500
    for said in ("x" * 501, *NOTHING, *MEDIA):
        assert answers.read(TEXT, said) is None


@pytest.mark.parametrize("said", ["", "oi", " dois  espaços ", "imagem", "x" * 4000])
def test_anything_is_kept_as_it_is(said):
    assert answers.read(ANYTHING, said, PERSON) == said


def test_anything_may_be_an_object():
    assert answers.read(ANYTHING, {"a": "ç"}) == '{"a": "ç"}'


@pytest.mark.parametrize("asked", [CHOICE, PLACE, NAME, PHONE, TEXT])
@pytest.mark.parametrize(
    "said",
    [
        "humano",
        "Humano!",
        "quero falar com uma pessoa",
        "QUERO FALAR COM ALGUEM por favor",
        "tem um humano aí?",
    ],
)
def test_a_person_is_asked_for_within_a_sentence(asked, said):
    assert answers.read(asked, said, PERSON) == PERSON[0]


@pytest.mark.parametrize(
    "said",
    [
        "Rua do Humano, 552",
        "humanos",
        "desumano",
        "a casa fica atrás da escola onde trabalha um humano que todos conhecem",
    ],
)
def test_a_person_is_not_asked_for(said):
    """A number makes it an address, and a long text tells something else."""
    assert answers.read(PLACE, said, PERSON) == said


def test_without_words_nobody_asks_for_a_person():
    assert answers.read(NAME, "humano") == "humano"


@pytest.mark.parametrize("said", ["recomeçar", "RECOMECAR", " Começar de novo! ", "reiniciar"])
def test_a_restart(said):
    assert answers.is_one_of(said, answers.RESTART)


@pytest.mark.parametrize("said", ["não quero recomeçar", "", None, {"a": 1}, "oi"])
def test_no_restart(said):
    assert not answers.is_one_of(said, answers.RESTART)


def test_help_fits_what_is_needed():
    assert answers.help_of(CHOICE) == answers.HELP[answers.OPTION]
    assert answers.help_of(PLACE) == answers.HELP[answers.PLACE]
    assert answers.help_of(question(se_nao_entender="Só o bairro.")) == "Só o bairro."
    assert set(answers.HELP) >= {answers.TEXT, answers.PLACE, answers.NAME, answers.PHONE, answers.OPTION}


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
_text = st.text(st.characters(codec=None)) | st.from_regex(r"[0-9 ()+.\-*️⃣]{0,20}") | st.sampled_from(MEDIA)


@given(_text | _json)
def test_nothing_raises(said):
    for asked in ALL:
        value = answers.read(asked, said, PERSON)
        assert value is None or isinstance(value, str)
    assert answers.read(CHOICE, said, PERSON) in {None, *OPTIONS, PERSON[0]}
    assert isinstance(answers.is_one_of(said, answers.RESTART), bool)


@given(st.sampled_from(OPTIONS), st.text("  .!*_~-\u200e\u2069\ufe0f"), st.booleans())
def test_marks_around_an_option_do_not_matter(option, marks, is_upper):
    said = option.upper() if is_upper else option.lower()
    assert answers.read(CHOICE, marks + said + marks, PERSON) == option
    assert answers.read(CHOICE, f"{marks}{OPTIONS.index(option) + 1}{marks}") == option
