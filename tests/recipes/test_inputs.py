"""The request keys that every recipe may use are those of the request's own schema, and are documented."""

import re
from pathlib import Path

from webhook.recipes.inputs import ID, NUMBER, REQUEST_KEYS

PAGE = (Path(__file__).parents[2] / "docs" / "pt" / "recipes.md").read_text()


def test_every_key_is_documented_and_nothing_else():
    paragraph = re.search(r"As chaves de sempre(.*?)\n\n", PAGE, re.DOTALL)[1]
    assert set(re.findall("`([a-z_]+)`", paragraph)) == REQUEST_KEYS.keys()


def test_types_come_from_the_schema():
    types = {kind: {key for key, own in REQUEST_KEYS.items() if own == kind} for kind in (NUMBER, ID)}
    assert types == {NUMBER: {"latitude", "longitude", "precisao_m", "raio_m"}, ID: {"caixa_id"}}
