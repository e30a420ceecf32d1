"""A broken conversation for each rule of the checker: it reports exactly that, with the step and the mend."""

import pytest

from tests.flows.conftest import ENDS, HEAD, PERSON
from webhook.flows import export, loading
from webhook.flows.check import check_all, check_file
from webhook.platforms import PLATFORMS
from webhook.recipes.load import load as load_recipes
from webhook.web.conversations import routes

ROUTES = routes(load_recipes(None))
ASKS = """
[passos.pede]
pergunte = "Onde é?"
variavel = "localizacao"
precisa = "localizacao"
depois = "consulta"
"""
CALLS = """
[passos.consulta]
chame = "viabilidade"
envie = ["localizacao"]
guarde = ["viavel"]
casos = { diz = ["viavel"] }
senao = "gente"
"""
SAYS = '[passos.diz]\ndiga = "{mensagem}"\ndepois = "fim"\n'
GOOD = ASKS + CALLS + SAYS + ENDS
CHOICE = '[passos.diz]\nconforme = "viavel"\ncasos = { gente = ["Senão"] }\nsenao = "fim"\n'
CHOOSES = '[passos.quer]\npergunte = "Quer?"\nvariavel = "quer"\nopcoes = { %s }\n'


@pytest.fixture
def findings(written):
    def findings(steps=GOOD, head=HEAD + PERSON, **options):
        found = check_file(written(steps, head), ROUTES, **options)
        assert all(finding.file == "exemplo.toml" for finding in found)
        return [(finding.step, finding.text) for finding in found]

    return findings


def test_a_good_conversation_has_none(findings):
    assert findings() == []


def test_ours_have_none():
    assert check_all(ROUTES) == []


def limited(name, exhausted):
    asks = f'[passos.{name}]\npergunte = "?"\nvariavel = "x"\ndepois = "fim"\n'
    return f'{asks}tentativas = 2\nesgotou = "{exhausted}"\n'


def no_action(name, platform):
    text = f"{name} is no action of this service for {platform}: correct it, or name plataformas"
    return "consulta", text


def no_action_anywhere(name):
    return [no_action(name, platform) for platform in PLATFORMS]


BROKEN = {
    "an edge to nowhere": (
        GOOD.replace('depois = "fim"', 'depois = "longe"'),
        ("diz", "leads to longe, which does not exist: correct the name, or add the step"),
    ),
    "a case to nowhere": (
        GOOD.replace("{ diz =", "{ longe ="),
        ("consulta", "leads to longe, which does not exist: correct the name, or add the step"),
    ),
    "a limit without an end": (
        GOOD.replace("pergunte", "tentativas = 2\npergunte"),
        ("pede", "tentativas and esgotou belong together: set both or none"),
    ),
    "an end of a limit without one": (
        GOOD.replace("pergunte", 'esgotou = "gente"\npergunte'),
        ("pede", "tentativas and esgotou belong together: set both or none"),
    ),
    "no edge for everything else": (
        GOOD.replace('senao = "gente"\n', ""),
        ("consulta", "has no senao: say where everything else leads"),
    ),
    "two ways on": (
        GOOD.replace('senao = "gente"\n', 'senao = "gente"\ndepois = "diz"\n'),
        ("consulta", "has depois beside casos or senao: keep one of them"),
    ),
    "a question that leads nowhere": (
        GOOD.replace('depois = "consulta"\n', ""),
        ("pede", "has no depois: say where an answer leads"),
    ),
    "a limit that leads back": (
        GOOD.replace("pergunte", 'tentativas = 2\nesgotou = "pede"\npergunte'),
        ("pede", "esgotou leads back here: lead to a step without tentativas"),
    ),
    "many options": (
        CHOOSES % 'A = "fim", B = "fim", C = "fim", D = "gente"' + ENDS,
        ("quer", "has more than 3 options, which WhatsApp does not show as buttons"),
    ),
    "a long option": (
        CHOOSES % f'{"x" * 21} = "fim"' + ENDS,
        ("quer", f"the option '{'x' * 21}' has more than 20 characters: shorten it"),
    ),
    "options that differ in case only": (
        GOOD.replace("precisa", 'opcoes = { "Mapa" = "gente", "MÁPA!" = "gente" }\nprecisa'),
        ("pede", "has two options that differ only in accents, case or marks"),
    ),
    "an unknown outcome": (
        GOOD.replace('["viavel"] }', '["viável"] }'),
        ("consulta", "viável is no outcome of this service: see docs/pt/outcomes.md"),
    ),
    "a step that no edge leads to": (
        GOOD + '[passos.ilha]\nespere = 3\ndepois = "fim"\n',
        ("ilha", "no way leads here: lead to it, or remove it"),
    ),
    "a loop without an exit": (
        GOOD.replace('depois = "fim"', 'depois = "diz"').replace('[passos.fim]\nencerre = ""\n', ""),
        ("diz", "no way leads from here to an end: lead to a step with encerre or transfira"),
    ),
    "a variable that only a later step sets": (
        GOOD.replace('"Onde é?"', '"Onde é, {viavel}?"'),
        ("pede", "reads {viavel}, which may have no value here: set it on every way to this step"),
    ),
    "a variable that only some paths set": (
        '[passos.antes]\nconforme = "dias"\ncasos = { pede = ["30"] }\nsenao = "diz_onde"\n'
        + GOOD
        + '[passos.diz_onde]\ndiga = "{localizacao}"\ndepois = "fim"\n',
        ("diz_onde", "reads {localizacao}, which may have no value here: set it on every way to this step"),
    ),
    "a value in two cases": (
        GOOD.replace('{ diz = ["viavel"] }', '{ diz = ["viavel"], fim = ["consultando", "viavel"] }'),
        ("consulta", "viavel stands in two cases: keep one of them"),
    ),
    "a case that is called like everything else": (
        GOOD.replace(SAYS, CHOICE),
        ("diz", "senão cannot be a value: it is the way of everything else"),
    ),
    "a long text": (
        GOOD.replace('"Onde é?"', f'"{"x" * 513}"'),
        ("pede", "the text has more than 512 characters: make two steps of it"),
    ),
    "a long text with its help": (
        GOOD.replace('"Onde é?"', f'"{"x" * 400}"\nse_nao_entender = "{"y" * 430}"'),
        ("pede", "the text and se_nao_entender are too long for one message"),
    ),
    "a bearer token": (
        GOOD.replace('"{mensagem}"', '"Bearer abc"'),
        ("diz", "has a text that looks like a secret: keys go into the settings"),
    ),
    "a key": (
        GOOD.replace("guarde", 'com = { cidade = "a81f3c9d2b7e40516f8e" }\nguarde'),
        ("consulta", "has a text that looks like a secret: keys go into the settings"),
    ),
    "a key in the help": (
        GOOD.replace("precisa", 'se_nao_entender = "a81f3c9d2b7e40516f8e"\nprecisa'),
        ("pede", "has a text that looks like a secret: keys go into the settings"),
    ),
    "an unknown action": (
        GOOD.replace('chame = "viabilidade"', 'chame = "viabilidades"'),
        *no_action_anywhere("viabilidades"),
    ),
    "the action that leads": (
        GOOD.replace(
            'chame = "viabilidade"\nenvie = ["localizacao"]', 'chame = "conversa"\nenvie = ["localizacao"]'
        ),
        ("consulta", "conversa leads conversations and cannot be called by one: call another action"),
    ),
    "an unknown recipe": (
        GOOD.replace('chame = "viabilidade"', 'chame = "consulta/nada"'),
        *no_action_anywhere("consulta/nada"),
    ),
    "a key that the action does not take": (
        GOOD.replace("guarde", 'com = { cor = "azul" }\nguarde'),
        ("consulta", "viabilidade does not take the key cor: remove it"),
    ),
    "a key that the reply does not have": (
        GOOD.replace('["viavel"]\ncasos', '["viavel", "cliente_id"]\ncasos'),
        ("consulta", "viabilidade answers without the key cliente_id: remove it from guarde"),
    ),
    "a variable that no step sets": (
        GOOD.replace('["localizacao"]', '["localizacao", "endereco"]'),
        ("consulta", "reads {endereco}, which no step sets: ask for it, or name it in guarde"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_finding(findings, name):
    steps, *expected = BROKEN[name]
    assert findings(steps) == expected


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (
            HEAD + PERSON.splitlines()[1] + "\n",
            ("", "palavras_de_atendente needs atendente, the step that they lead to"),
        ),
        (
            HEAD + PERSON.replace('"gente"', '"ninguem"'),
            ("", "atendente leads to ninguem, which does not exist: add the step"),
        ),
        (HEAD + 'plataformas = ["telegrama"]\n', ("", "telegrama is no platform: " + " | ".join(PLATFORMS))),
    ],
)
def test_a_finding_of_the_whole(findings, head, expected):
    assert expected in findings(GOOD, head)


def test_two_limits_that_lead_to_each_other(findings):
    found = findings(limited("a", "b") + limited("b", "a") + ENDS)
    text = "esgotou leads back here: lead to a step without tentativas"
    assert found[:2] == [("a", text), ("b", text)]


def test_limits_that_multiply(findings):
    options = ", ".join(f'{one} = "{one}"' for one in "abc")
    steps = "".join(
        f'[passos.{one}]\npergunte = "?"\nvariavel = "x"\n'
        f'tentativas = 10\nesgotou = "fim"\nopcoes = {{ {options} }}\n'
        for one in "abc"
    )
    [(step, text)] = findings(steps + ENDS)
    assert step in set("abc")
    assert text.startswith("steps with tentativas lead to each other too often: ")


def test_all_findings_at_once(findings):
    steps = GOOD.replace('"{mensagem}"', '"Bearer abc {nome}"')
    assert len(findings(steps)) == 3


def test_without_its_edges_in_order_nothing_else_is_looked_at(findings):
    steps = GOOD.replace('depois = "fim"', 'depois = "longe"').replace('"{mensagem}"', '"Bearer abc"')
    assert findings(steps) == [
        ("diz", "leads to longe, which does not exist: correct the name, or add the step")
    ]


def test_a_file_that_cannot_be_read_is_a_finding(findings):
    assert findings("[passos.a]\ncor = 1\n")[0][1].startswith("must have one of: pergunte | ")


def test_a_file_that_is_called_like_the_loop_is_not_the_loop(written):
    path = written(GOOD.replace('chame = "viabilidade"', 'chame = "conversa"'), HEAD + PERSON, "conversa")
    assert "conversa leads conversations" in str(check_file(path, ROUTES)[0])
    assert check_file(loading.LOOP, ROUTES) == []


def test_only_the_platforms_that_it_names_need_the_action(findings):
    steps = GOOD.replace('chame = "viabilidade"', 'chame = "viabilidades"')
    found = findings(steps, HEAD + PERSON + 'plataformas = ["huggy"]\n')
    assert found == [no_action("viabilidades", "huggy")]


def test_a_repeated_step_is_one_finding(findings):
    steps = GOOD.replace("pergunte", 'tentativas = 3\nesgotou = "gente"\npergunte')
    steps = steps.replace('senao = "gente"', 'senao = "pede"').replace('"Onde é?"', '"Onde é, {nome}?"')
    assert (
        findings(steps).count(
            ("pede", "reads {nome}, which may have no value here: set it on every way to this step")
        )
        == 1
    )


def copied(original, digest):
    return HEAD + PERSON + f'copiada_de = "{original}"\noriginal = "{digest}"\n'


def test_a_copy_says_when_its_original_has_changed(findings):
    now = loading.digest(loading.BUILT_IN / "contratacao.toml")
    assert findings(GOOD, copied("contratacao", now)) == []
    assert findings(GOOD, copied("contratacao", "0123456789abcdef")) == [
        (
            "",
            f'contratacao has changed since it was copied: compare the two, and then set original = "{now}"',
        )
    ]
    assert findings(GOOD, copied("nada", now)) == [
        ("", "copiada_de: there is no conversation nada any more: remove the line")
    ]


def test_a_changed_original_does_not_keep_a_service_from_starting(findings):
    assert findings(GOOD, copied("contratacao", "0123456789abcdef"), starting=True) == []


@pytest.fixture
def exported(tmp_path):
    """The files as they are committed, in a folder of this test's own."""
    for platform in PLATFORMS:
        folder = export.folder(platform, tmp_path)
        folder.mkdir()
        for path in export.folder(platform).glob("*.json"):
            (folder / path.name).write_bytes(path.read_bytes())
    return tmp_path


def test_the_exported_files_are_compared(exported):
    assert check_all(ROUTES, exported) == []
    changed = exported / "huggy_flows" / "viabilidade.json"
    changed.write_text(changed.read_text().replace("Olá", "Oi"))
    (exported / "fivehub_flows" / "prospect.json").unlink()
    (exported / "fivehub_flows" / "antiga.json").write_text("{}")
    text = "is not what its conversation makes: run flows write"
    assert [str(finding) for finding in check_all(ROUTES, exported)] == [
        f"huggy_flows/viabilidade.json: {text}",
        f"fivehub_flows/antiga.json: {text}",
        f"fivehub_flows/prospect.json: {text}",
    ]


def test_a_file_as_windows_checks_it_out_is_the_same(exported):
    """git may write the files with CRLF there."""
    path = exported / "huggy_flows" / "prospect.json"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert check_all(ROUTES, exported) == []


@pytest.mark.parametrize("name", loading.built_in())
def test_a_code_for_a_person_leads_to_one_after_its_message(name):
    """Who looks at the reply's codigo must not lose what nobody foresaw."""
    steps = loading.built_in()[name].steps
    for step in steps.values():
        if getattr(step, "action", "") not in {"viabilidade", "reserva", "reserva/consulta", "prospect"}:
            continue
        for code in ("viavel_sem_caixa", "falhou", "busca_incompleta", "ozmap_recusou"):
            target = next((to for to, codes in step.cases.items() if code in codes), step.otherwise)
            assert type(steps[target]).__name__ == "ToPerson", (step.id, code)
            assert steps[target].text == "{mensagem}"
