"""A reader of Markdown shows our texts as they are."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from webhook.flows import loading
from webhook.flows.definition import Message, Question
from webhook.flows.expand import expand
from webhook.flows.wording import LONGEST_TEXT, fill, fitted, options_of
from webhook.outcomes import CATALOGUE
from webhook.platforms.typebot.markdown import plain

READER = MarkdownIt("commonmark", {"breaks": True})


def shown(text):
    """What a reader of Markdown shows, paragraph by paragraph; fails on anything but plain paragraphs."""
    paragraphs = []
    for token in READER.parse(text):
        assert token.type in {"paragraph_open", "paragraph_close", "inline"}, token
        if token.type == "inline":
            for child in token.children:
                assert child.type in {"text", "softbreak", "hardbreak", "text_special"}, child
            paragraphs.append(
                "".join("\n" if c.type.endswith("break") else c.content for c in token.children)
            )
    return "\n\n".join(paragraphs)


def check(text):
    written = plain(text)
    assert len(written) <= len(text) + 40
    assert shown(written) == written


WORDS = st.text(max_size=80) | st.sampled_from(
    [
        "*Rua*",
        "# 1",
        "1. x",
        "- x",
        "> x",
        "_a_",
        "`c`",
        "[a](b)",
        "<b>",
        "a\n---",
        "&amp;",
        "\\*",
        "10) x",
        "~~a~~",
        "+ a",
    ]
)
TEXTS = [
    (
        dialogue.name,
        step.id,
        step.text + ("\n\n" + options_of(step.options) if isinstance(step, Question) else ""),
    )
    for dialogue in loading.built_in().values()
    for step in expand(dialogue).steps
    if isinstance(step, Message)
]


@pytest.mark.parametrize("text", sorted({text for _, _, text in TEXTS}))
@settings(max_examples=15)
@given(words=st.dictionaries(st.sampled_from(["endereco", "nome", "mensagem", "provedor"]), WORDS))
def test_every_text_of_every_conversation(text, words):
    values = {"link": "https://x.example/l/a_b*c", "dias": "30", "reserva_codigo": "BOT-typebot-1-abc_def"}
    check(fitted([fill(text, values | words)]))


@pytest.mark.parametrize("outcome", CATALOGUE.values(), ids=CATALOGUE)
def test_every_message_of_ours_stays_as_it_is(outcome):
    message = outcome.message.replace("{detail}", "Rua A, 1")
    assert shown(plain(message)) == message


@given(st.text(max_size=LONGEST_TEXT))
def test_any_text(text):
    check(text)


def test_links_are_whole():
    link = "https://www.google.com/maps/search/?api=1&query=-27.5,-48.5"
    assert plain(f"Aqui: {link}") == f"Aqui: {link}"
    assert plain("1. um\n*dois*\n# três") == "1 – um\n•dois•\ntrês"
