"""Written conversations, played with the service and its sandbox in three ways (tests/flowkit/ways.py).

Every way must leave the same. Two kinds of scripts leave ways out, and say so in a line `so`:

`so: conversa` (led, loop): the service does more than blocks can. It tries an answer together with the last
one, looks for the place that was marked on the map, shows the link to the map and the numbers of options,
counts answers that cannot be used, and begins again.

`so: laco` (loop): the script is about the call itself, which may have a wrong key, be one too many, or get no
reply.
"""

import pytest

from flowkit import script
from tests.flowkit.playing import DIALOGUES, FLOWS, SCRIPTS
from tests.flowkit.ways import LOOP, OTHER, WORDS, edges_behind, edges_of
from webhook.flows import answers
from webhook.platforms import PLATFORMS


def name_of(path):
    return path.parent.name


def id_of(path):
    return f"{name_of(path)}/{path.stem}"


def platforms_of(path):
    restricted = [SCRIPTS[path].platform] if SCRIPTS[path].platform else PLATFORMS
    return [name for name in restricted if name in (DIALOGUES[name_of(path)].platforms or PLATFORMS)]


def loop_platform_of(path):
    """One for each script, in turn: the loop is the same on all of them."""
    platforms = platforms_of(path)
    return platforms[list(SCRIPTS).index(path) % len(platforms)]


def direct_platforms_of(path):
    """The first one of each mode: nothing else that differs between platforms gets into their blocks."""
    by_mode = {PLATFORMS[name].mode: name for name in reversed(platforms_of(path))}
    return by_mode.values()


LED = [path for path, written in SCRIPTS.items() if written.only != script.LOOP]
ONLY_LOOP = [path for path, written in SCRIPTS.items() if written.only == script.LOOP]
PLAYS = [
    (path, platform)
    for path in LED
    for platform in platforms_of(path)
    if platform in {*direct_platforms_of(path), loop_platform_of(path)}
]
"""A platform that looks up as another one does only takes its turn."""
TAKEN = {}
"""By script and platform, the edges taken where the service led: they are always the same."""
LOOP_TAKEN = []


@pytest.mark.parametrize(
    ("path", "platform"), PLAYS, ids=[f"{id_of(path)}-{platform}" for path, platform in PLAYS]
)
def test_every_way_leaves_the_same(playing, path, platform):
    written, name = SCRIPTS[path], name_of(path)
    led = playing.led(written, name, platform, TAKEN.setdefault((path, platform), []))
    if not written.only and platform in direct_platforms_of(path):
        assert playing.direct(written, name, platform) == led
    if platform == loop_platform_of(path):
        assert playing.loop(written, name, platform, LOOP_TAKEN) == led


@pytest.mark.parametrize("reads_errors", [True, False], ids=["reads errors", "reads no errors"])
@pytest.mark.parametrize("path", ONLY_LOOP, ids=id_of)
def test_a_call_that_fails(playing, path, reads_errors):
    platform = loop_platform_of(path)
    left = playing.loop(SCRIPTS[path], name_of(path), platform, LOOP_TAKEN, reads_errors=reads_errors)
    assert left.writes == []


@pytest.mark.parametrize("name", DIALOGUES)
def test_every_edge_of_every_conversation_is_taken(playing, name):
    """Where the service leads, but for those that only a platform takes."""
    dialogue = DIALOGUES[name]
    for path, platform in PLAYS:
        if name_of(path) == name and (path, platform) not in TAKEN:
            playing.led(SCRIPTS[path], name, platform, TAKEN.setdefault((path, platform), []))
    taken = [edge for (path, _), edges in TAKEN.items() if name_of(path) == name for edge in edges]
    only_on_a_platform = {edge for edge in edges_of(dialogue) if is_only_on_a_platform(dialogue, *edge)}
    assert set(edges_behind(dialogue, FLOWS[name], taken)) == edges_of(dialogue) - only_on_a_platform


def is_only_on_a_platform(dialogue, step, label):
    """The service reads an answer before the blocks compare it; a platform may not.

    So where an option is a word for a person, all words for a person become that option. And where only
    options are answers, any other answer gets the question again.
    """
    options = [option.lower() for option in getattr(dialogue.steps[step], "options", ())]
    return label == OTHER or (label == WORDS and dialogue.person_words[0] in options)


def test_every_edge_of_the_loop_is_taken(playing):
    edges = {(step.id, label) for step in LOOP.steps for label in step.edges}
    for path in [*ONLY_LOOP, *LED]:
        if set(LOOP_TAKEN) == edges:
            break
        playing.loop(SCRIPTS[path], name_of(path), loop_platform_of(path), LOOP_TAKEN)
    assert set(LOOP_TAKEN) == edges


RAW = {
    "viabilidade": [
        "cliente: Rua Dona Marina, 552\ncliente: Sim\ncliente: Quero contratar\nfim: consultor",
        "cliente: Rua Dona Marina, 552\ncliente: Nao\ncliente: Rua Dona Marina, 552\ncliente: SIM\n"
        "cliente: agora nao\nfim: ate_logo",
        "cliente: falar com alguem\nfim: atendente",
        "# Nothing reads it, so it is no option.\n"
        "cliente: Rua Dona Marina, 552\ncliente: Sim\ncliente: 1\nfim: atendente",
    ],
    "contratacao": [
        "cliente: Rua Dona Marina, 552\ncliente: Sim\ncliente: Quero reservar\ncliente: Maria Souza\n"
        "cliente: 123\nbot: Não consegui usar esse telefone\ncliente: 48 99988-7766\nfim: confirmado",
        "cliente: Estrada do Morro Alto, 1050\ncliente: Sim\ncliente: Quero ser avisado\n"
        "cliente: Maria Souza\ncliente: 48 99988-7766\nfim: feito",
        "cliente: figurinha\nbot: Pode mandar o lugar de novo?\ncliente: humano\nfim: atendente",
    ],
}


@pytest.mark.parametrize("platform", ["huggy", "fivehub"])
@pytest.mark.parametrize(
    ("name", "text"), [(name, text) for name, texts in RAW.items() for text in texts], ids=lambda _: ""
)
def test_a_platform_that_understands_no_answer(playing, monkeypatch, name, text, platform):
    """Its flow knows the texts of the options and the words for a person, and stores answers as they come."""
    monkeypatch.setattr(answers, "read", lambda question, answer, words=(): answer)
    playing.direct(script.read(text), name, platform)
