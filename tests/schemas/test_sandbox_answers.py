"""The sandbox's answers load with the schemas that OZmap's documented payloads load with."""

import pytest
import requests

from sandbox import PLACES
from schemas.ozmap import (
    BASE_POINTS,
    BOXES,
    POLE_TYPES,
    POLES,
    PROJECTS,
    RADIUS_VIABILITY,
    SPLITTERS,
)

SCHEMAS = {
    "poles": POLES,
    "base-points": BASE_POINTS,
    "boxes": BOXES,
    "splitters": SPLITTERS,
    "projects": PROJECTS,
    "pole-types": POLE_TYPES,
}


@pytest.mark.parametrize("collection", SCHEMAS)
def test_every_row(sandbox, collection):
    url = f"{sandbox.url}/api/v2/{collection}?limit=5000"
    answer = requests.get(url, headers={"Authorization": sandbox.token}, timeout=10).json()
    loaded = SCHEMAS[collection].read_list(answer["rows"])
    assert len(loaded) == answer["total"] > 0


@pytest.mark.parametrize("place", PLACES)
def test_radius_answers(sandbox, place):
    point = PLACES[place].point
    answer = requests.get(
        f"{sandbox.url}/api/v2/ftth-viability/radius?lat={point.lat}&lng={point.lng}",
        headers={"Authorization": f"Bearer {sandbox.token}"},
        timeout=10,
    ).json()
    loaded = RADIUS_VIABILITY.load(answer)
    assert loaded.viable is bool(loaded.boxes)
