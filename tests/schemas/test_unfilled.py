"""What builders and programs send when they have no value, and what people send that looks like it."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schemas.unfilled import IDENTITIES, is_missing

VARIABLES = [
    "{nome}",  # Zapier, Python
    "{}",
    "{0}",
    "{$nome}",
    "{{nome}}",  # ManyChat, Typebot, Botpress, Blip, Mustache
    "{{ contact.first_name || 'there' }}",
    '{{ nome | default("") }}',
    "{{{nome}}}",
    "{{#if nome}}{{nome}}{{/if}}",
    "{{1}}",  # WhatsApp's templates
    "{{$json.body.nome}}",
    "={{ $json.nome }}",  # n8n
    "{%customer.firstName%}",  # FreeScout
    "${nome}",
    '${nome!""}',
    "$!{nome}",
    "$(nome)",
    "$nome",
    "$contact_first_name",
    "$request.user.name",
    '$node["A"].json.nome',
    "$vars->nome",
    "#{nome}",
    "@{nome}",
    "%{nome}",
    "&{nome}",
    "@contact.name",
    "@contact",
    "@(upper(contact.name))",
    "@results.nome",
    "@consumidor.nome",  # OmniChat
    "@User.FirstName",  # Suri
    "@var-auth:sender.name",  # CometChat
    "::subscriber.first_name::",  # Mailcoach
    "<%= @nome %>",
    "<?$name?>",  # Zenvia
    "<?php echo $nome; ?>",
    "[[nome]]",
    "[[${nome}]]",
    "*|FNAME|*",  # Mailchimp
    "%nome%",
    "%%nome%%",
    "##nome##",
    "#nome#",
    "%service.Name",  # statping
    "%s",
    "%1$s",
    "%(nome)s",
    "%!s(<nil>)",
    "%!v(MISSING)",
    "[nome]",
    "[first_name]",
    "[firstName]",
    "[nome do cliente]",
    "<nome>",
    "<phone number>",
    "«Nome»",
    "{{nome}} {{sobrenome}}",
    '"{{nome}}"',
    "{nome}, {sobrenome}",
    "[nome] [sobrenome]",
    "{{contact.name",  # cut
    "&lt;nome&gt;",
    "%7B%7Bnome%7D%7D",
    "&#123;&#123;nome&#125;&#125;",
    "\\{\\{nome\\}\\}",
    "｛｛nome｝｝",
    "@name",  # Landbot
    "@endereco_completo",
    "<<nome>>",
    "|first_name|",
    "~nome~",
    "(nome do cliente)",
    ":nome",
    "((nome))",
    "[% nome %]",
    "{!Contact.Name}",  # Salesforce
    "$FNAME$",
    "$session.params.nome",  # Dialogflow
    "#welcome.nome",
    "@sys.person:nome",
    "$.contact.name",
    "msg.payload.nome",  # Node-RED
    "contact.name",
    "@{triggerBody()?['nome']}",  # Power Automate
    "@triggerBody()?['nome']",
    "{{widgets.pergunta.inbound.Body}}",  # Twilio Studio
    "{{event.state.user.name}}",
    "@event.preview",  # Botpress
    "{{Contato.PrimeiroNome}}",  # Umbler
    "{{contact.extras.nome}}",
    "{primeiro-nome}",  # BotConversa
    "{{1.name}}",  # Make
    "{{123__name}}",
]
NOTHING = [
    "",
    " ",
    "-",
    "--",
    "...",
    "?",
    "\u200b",
    "null",
    "NULL",
    "(null)",
    "<null>",
    "[null]",
    '"null"',
    "null null",
    "null, null",
    "undefined",
    "undefined undefined",
    "None",
    "None None",
    "NaN",
    "nan",
    "nil",
    "<nil>",
    "NoneType",
    "[object Object]",
    "[object Undefined]",
    "Array",
    "Invalid Date",
    "\\N",
    "#N/A",
    "#N/D",
    "#REF!",
    "#VALOR!",
    "#NOME?",
    "#DIV/0!",
    "N/A",
    "n/d",
    "<no value>",
    "Unknown",
    "não informado",
    "sem nome",
    "(vazio)",
    "nullnull",
    "undefinedundefined",
    "NoneNone",
    "null undefined",
    "NaN-NaN",
    "Optional(nil)",
    "<NA>",
    "NaT",
    "Carregando...",
    "#<Object:0x000055d0>",
    "(not set)",
    "não identificado",
    "undefined {{b}}",
]
PEOPLE = [
    "Nan",
    "Nil",
    "Nan Goldin",
    "Maria None",
    "Jennifer Null",
    "None da Silva",
    "[Maria]",
    "[ligar antes]",
    "<Ana>",
    "*Maria*",
    "@maria",
    "@maria.silva",
    "Ana (apto 3)",
    "Ana {apto 3} casa",
    "🌹",
    "A$AP",
    "R$ 100",
    "50% off",
    "#1",
    "0",
    "{-27.59, -48.51}",
    '{"latitude": 1}',
    "[-48.51, -27.59]",
    "Olá {{nome}}, tudo bem",
    "cliente@x.com",
    "[casa dos fundos]",
    "Nulo Silva",
    "Unknown Mortal Orchestra",
    "Rua da Nação",
    "(48) 99999-0000",
    "- Rua Dona Marina, 552",
    "📍 Rua do Cliente, 10",
    "@ana_costa",
    "<3",
    "ana.costa",
    "Ana & Bia",
    "Sr. João",
    "C&A",
    "AT&T",
    "100%",
    "Rua Sem Nome",
    "{3F2504E0-4F89-11D3-9A0C-0305E82C3301}",
]
SHARED = [
    "0",
    0,
    0.0,
    "000",
    "-1",
    "false",
    "true",
    "00000000-0000-0000-0000-000000000000",
    "wa-{{contact.id}}",
    "conversa-{id}",
    "huggy:${id}",
    "user_undefined",
    "whatsapp:null",
    "chat-None",
    "5,54899E+12",
    "5.54899e12",
    "contato_id",
    "Conversa ID",
    "[object Object]",
    "id=<%= id %>",
]
OWN = [
    "1",
    8,
    "c1",
    "caso-p01",
    "5548999_null",
    "nan-12",
    "none-such-7",
    "a%sb",
    "5548999990000@s.whatsapp.net",
    "maria",
]


@pytest.mark.parametrize("value", [*VARIABLES, *NOTHING, None, [], [None, ""], {}, {"a": {"b": "{{b}}"}}])
def test_what_says_nothing_is_missing_wherever_it_stands(value):
    assert is_missing(value, "nome")
    assert all(is_missing(value, key) for key in IDENTITIES)


@pytest.mark.parametrize("value", ["nome", "*nome*", "Nome:", "<NOME>", "[nome]", "_nome_"])
def test_a_value_that_only_repeats_its_key_is_missing(value):
    """Nobody is called `nome`: the author's words for the variable were sent, in bold or as they are."""
    assert is_missing(value, "nome")
    assert not is_missing(value.replace("nome", "Ana").replace("Nome", "Ana").replace("NOME", "Ana"), "nome")


@pytest.mark.parametrize("value", PEOPLE)
def test_what_people_write_is_a_value(value):
    assert not is_missing(value, "nome")


@pytest.mark.parametrize("value", SHARED)
def test_an_identity_that_is_the_same_for_everybody_is_none(value):
    assert all(is_missing(value, key) for key in IDENTITIES)


@pytest.mark.parametrize("value", OWN)
def test_an_identity_of_one_customer_is_one(value):
    assert not any(is_missing(value, key) for key in IDENTITIES)


@given(
    st.sampled_from([*VARIABLES, *NOTHING]),
    st.sampled_from([*VARIABLES, *NOTHING]),
    st.sampled_from(" -,.|/_"),
)
@example("NaT", "｛｛nome｝｝", " ")  # in the width of Chinese
def test_nothing_joined_to_nothing_is_nothing(one, other, between):
    joined = f"{one} {between} {other}"
    assert is_missing(joined, "conversa_id")
    assert is_missing(joined, "nome")


NAMES = st.text(
    st.characters(categories=["Lu", "Ll"], include_characters="0123456789_"), min_size=1, max_size=12
)


@given(
    NAMES.filter(lambda name: not name[0].isdigit() and sum(map(str.isdigit, name)) < 6),
    st.sampled_from(
        ["{%s}", "{{%s}}", "${%s}", "$(%s)", "#{%s}", "={{ $json.%s }}", "[[%s]]", "<%%= %s %%>", "*|%s|*"]
    ),
)
def test_whatever_a_variable_is_called_it_is_no_identity_and_no_name(name, notation):
    unfilled = notation % name
    assert is_missing(unfilled, "nome")
    assert is_missing(f"chat-{unfilled}", "conversa_id")


@given(st.text(max_size=40).filter(str.isalpha), NAMES)
def test_a_placeholder_among_words_is_kept_as_a_text(word, name):
    assert not is_missing(f"Ligar para Ana {word} {{{{{name}}}}}", "observacao")
