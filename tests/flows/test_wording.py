"""What a customer reads: values are cleaned, and cut if the whole is too long. Options and links are not."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webhook.flows import wording
from webhook.flows.definition import with_values

LIMIT = wording.LONGEST_TEXT


def filled(text, **values):
    return wording.text_of(wording.fill(text, values))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("Rua A\n\nRua B\r\n", "Rua A Rua B"),
        ("Rua\x00 A\x1b[31m\u2028B", "Rua A [31m B"),
        ("\u202eRua A\u200b", "Rua A"),
        ("*Rua* _do_ ~Sol~ `x`", " Rua   do   Sol   x "),
        ("Rua João, 5 🏠", "Rua João, 5 🏠"),
        ("https://isp.example/l/a_b*c~d", "https://isp.example/l/a_b*c~d"),
        ("", ""),
    ],
)
def test_a_value_is_cleaned(value, shown):
    assert filled("Achei: {endereco}!", endereco=value).split() == f"Achei: {shown}!".split()
    assert "*" not in filled("{endereco}", endereco=value).replace("b*c", "")


@pytest.mark.parametrize("name", sorted(wording.OWN_WORDS))
def test_our_own_words_keep_their_lines_and_marks(name):
    own = "Achei *este* lugar:\nRua A_B"
    assert filled(f"{{{name}}}", **{name: own}) == own


def test_what_is_sent_stays_as_it_is():
    assert with_values("{nome} x", {"nome": "*a*\nb"}) == "*a*\nb x"


def test_a_variable_without_a_value_stays():
    assert filled("{nome}, {endereco}", nome="Ana") == "Ana, {endereco}"


def test_braces_of_a_value_are_no_variable():
    """What a customer writes is not filled in a second time."""
    assert filled("{nome}", nome="{telefone}", telefone="48 99988-7766") == "{telefone}"


def test_options_are_numbered_lines():
    assert wording.options_of(("Sim", "Não")) == "1 - Sim\n2 - Não"


def test_a_text_that_fits_is_not_cut():
    texts = [wording.fill("Olá, {nome}.", {"nome": "Ana"}), wording.fill("Onde?", {})]
    assert wording.fitted(texts, "1 - Sim") == "Olá, Ana.\n\nOnde?\n\n1 - Sim"
    assert wording.fitted([]) == ""
    assert wording.fitted([], "1 - Sim") == "1 - Sim"


def test_the_longest_value_is_cut_and_nothing_else():
    text = wording.fill("Lugar: {endereco}. Nome: {nome}.", {"endereco": "á" * 3000, "nome": "Ana " * 20})
    shown = wording.fitted([text], "1 - Sim\n2 - Não")
    assert len(shown) < LIMIT
    assert shown.endswith("\n\n1 - Sim\n2 - Não")
    assert "á… Nome: " in shown.replace("….", "…")
    assert "Nome: " + ("Ana " * 20).strip() in shown


def test_a_link_in_a_long_text_stays_whole():
    link = "https://isp.example/l/" + "x" * 300
    text = wording.fill("{mensagem}\n{link}", {"mensagem": "palavra " * 400 + link, "link": link})
    shown = wording.fitted([text])
    assert len(shown) < LIMIT
    assert shown.count(link) == 2


def test_fixed_words_are_not_cut():
    """The checker keeps them short enough."""
    shown = wording.fitted([wording.fill("x" * 2000 + "{nome}", {"nome": "y" * 100})])
    assert shown.startswith("x" * 2000)
    assert len(shown) < 2100


_value = st.text(max_size=1500) | st.text("ab *_\n", max_size=3000) | st.just("https://isp.example/l/abc_d")


@given(
    st.lists(_value, min_size=1, max_size=4), st.lists(st.text("abc", min_size=1, max_size=20), max_size=3)
)
def test_the_whole_fits_and_the_options_are_whole(values, options):
    names = [f"v{n}" for n in range(len(values))]
    parts = wording.fill(
        "Antes. " + " ".join(f"{{{name}}}" for name in names), dict(zip(names, values, strict=True))
    )
    lines = wording.options_of(options)
    shown = wording.fitted([parts], lines)
    assert len(shown) < LIMIT
    assert shown.startswith("Antes.")
    assert shown.endswith(lines)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f*~`]", shown.removesuffix(lines))


@given(st.text(max_size=300).filter(lambda text: "http" not in text))
def test_a_cleaned_value_is_one_line_without_marks(value):
    shown = filled("{nome}", nome=value)
    assert shown == shown.replace("\n", " ")
    assert not set("*_~`") & set(shown)
    assert all(sign.isprintable() for sign in shown)
