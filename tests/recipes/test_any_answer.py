"""Any JSON answer and any valid recipe: exactly the recipe's keys, or a named outcome; never a 500."""

import json
import re
import tempfile
from itertools import product
from pathlib import Path
from urllib.parse import urlsplit

import requests_mock as requests_mocked
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError

from schemas.reply import Reply
from schemas.tenants import Tenant
from tests.conftest import STYLES
from webhook import create_app
from webhook.recipes.expressions import Expression
from webhook.recipes.load import read
from webhook.settings import Settings

KEY = "0123456789"
NAMES = ["rows", "name", "id", "client", "connectables", "output", "createdAt", "total", "isDrop"]
# Half characters too: JSON can write them, UTF-8 cannot.
TEXTS = st.text(st.characters(exclude_categories=()), max_size=8)
NUMBERS = st.integers() | st.floats() | st.just(10**400) | st.just(int("9" * 4300))
SEGMENTS = st.sampled_from(["..", ".", "", " ", "a/b", "\ud800", "2022-12-07", "2022-12-07T16:07:23Z"])
ANSWERS = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS | SEGMENTS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES) | TEXTS, inner, max_size=4)
    ),
    max_leaves=20,
)
FUNCTIONS = [
    "length", "sum", "avg", "max", "min", "keys", "values", "reverse", "sort", "type", "to_string",
    "to_array", "to_number", "portas_livres", "not_null", "abs", "ceil", "floor", "merge",
]  # fmt: skip
SHAPES = [
    "{0}.{1}", "{0}[0]", "{0}[-1]", "{0}[]", "{0}[*].{1}", "{0}[?{1} == `1`]", "{0}[?{1} > `1`].{2}",
    "{0}[::2]", "{0}[::0]", "{0} || {1}", "{0} && {1}", "!{0}", "{0} < {1}", "{0} == {1}", "{0} | {1}",
    "{0}.{{a: {1}, b: {2}}}", "[{0}, {1}]", "sort_by({0}, &{1})", "max_by({0}, &{1})", "map(&{1}, {0})",
    "join(', ', {0})", "contains({0}, {1})", "starts_with({0}, 'a')", "{0}.*",
]  # fmt: skip


def _shaped(inner):
    called = st.tuples(st.sampled_from(FUNCTIONS), inner).map(lambda pair: f"{pair[0]}({pair[1]})")
    shaped = st.tuples(st.sampled_from(SHAPES), inner, inner, inner).map(
        lambda parts: parts[0].format(*parts[1:])
    )
    return called | shaped


def _compiles(text):
    try:
        Expression(text)
    except ValidationError:
        return False
    return True


EXPRESSIONS = st.recursive(st.sampled_from([*NAMES, "@", "[0]"]), _shaped, max_leaves=5).filter(_compiles)


def _table(pairs):
    """TOML takes JSON's texts."""
    return "\n".join(f"{name} = {value}" for name, value in pairs)


@st.composite
def recipes(draw):
    text = st.builds(json.dumps, EXPRESSIONS)
    key = text | text.map(lambda found: f"{{ valor = {found}, tipo = 'data' }}")
    keys = draw(st.lists(key, min_size=1, max_size=5))
    file = [("descricao", "'x'"), ("mensagem", "'{k0} e {k0}'" if draw(st.booleans()) else "''")]
    before = draw(st.booleans())
    file.append(("caminho", "'x/{antes}/a-{antes}'" if before else "'x'"))
    if draw(st.booleans()):
        file.append(("vazio", draw(text)))
    parts = [_table(file)]
    if before:
        parts.append("[antes]\n" + _table([("caminho", "'y'"), ("chaves.antes", draw(key))]))
        parts.append("[parametros]\nfilter = [{ value = '{antes}' }]\nq = 'a {antes}'")
    parts.append("[chaves]\n" + _table((f"k{n}", value) for n, value in enumerate(keys)))
    if draw(st.booleans()):
        spread = [("nome", "'x'"), ("ate", "3"), ("de", draw(text)), ("chaves.codigo", draw(key))]
        parts.append("[lista]\n" + _table(spread))
    return "\n".join(parts)


# Several of each in an example: what takes time is making the application.
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(recipes(), min_size=1, max_size=6), st.lists(ANSWERS, min_size=1, max_size=6))
def test_any_answer_and_any_recipe(texts, answers):
    isp = Tenant("isp", ozmap_url="http://ozmap", ozmap_token="t", keys=dict.fromkeys(STYLES, (KEY,)))
    with tempfile.TemporaryDirectory() as folder, requests_mocked.Mocker() as ozmap:
        keys = {}
        for n, text in enumerate(texts):
            path = Path(folder) / f"r{n}.toml"
            path.write_text(text)
            keys[path.stem] = [*Reply().fields, *read(path).key_names]
        client = create_app(Settings((isp,), styles=STYLES, recipes_dir=folder)).test_client()
        for answer, name, platform in product(answers, keys, STYLES):
            ozmap.get(requests_mocked.ANY, content=json.dumps(answer).encode())
            reply = client.post(f"/{platform}/consulta/{name}", headers={"X-Webhook-Key": KEY})
            assert reply.status_code == 200
            # NaN and its like, which are no JSON, become what no reply may have.
            flat = json.loads(reply.data.decode(), parse_constant=lambda _: [])
            assert list(flat) == keys[name]
            kinds = str if platform == "huggy" else str | int | float | None
            assert all(isinstance(value, kinds) for value in flat.values())
            assert flat["codigo"] in {"consulta_ok", "consulta_vazia", "ozmap_indisponivel"}
        for call in ozmap.request_history:
            assert re.fullmatch("/api/v2/(y|x|x/[^/?#]+/a-[^/?#]+)", urlsplit(call.url).path)
