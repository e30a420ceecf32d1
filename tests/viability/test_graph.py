"""The shortest paths against a slow method that cannot be wrong in the same manner."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.ozmap import BasePoint
from schemas.point import Point, distance_m
from tests.viability.town import at
from webhook.viability.graph import build, shortest_paths

names = st.sampled_from([f"{number:024x}" for number in range(9)])
places = st.tuples(st.integers(-200, 200), st.integers(-200, 200))
networks = st.dictionaries(names, st.tuples(places, st.lists(names, max_size=3)), min_size=1)


@given(networks, st.integers(0, 600))
def test_shortest_paths(network, limit):
    points = [BasePoint(id_, at(*place), tuple(next_)) for id_, (place, next_) in network.items()]
    best = {(a.id, b.id): inf for a in points for b in points}
    for a in points:
        best[a.id, a.id] = 0
        for b in points:
            if a is not b and (b.id in a.adjacents or a.id in b.adjacents):
                best[a.id, b.id] = distance_m(a.point, b.point)
    for via in points:
        for a in points:
            for b in points:
                through = best[a.id, via.id] + best[via.id, b.id]
                best[a.id, b.id] = min(best[a.id, b.id], through)

    start = points[0].id
    lengths = shortest_paths(build(points), start, limit)
    assert lengths == {
        id_: pytest.approx(length)
        for (from_, id_), length in best.items()
        if from_ == start and (length <= limit or id_ in lengths)
    }
    assert all(length <= limit for length in lengths.values())


@pytest.mark.parametrize(
    ("a", "b", "metres"),
    [
        (Point(-27.5954, -48.5480), Point(-27.5954, -48.5480), 0),
        (Point(0, 0), Point(0, 1), 111_195),
        (Point(-23.5505, -46.6333), Point(-22.9068, -43.1729), 360_749),  # São Paulo to Rio
        (Point(0, 179.9), Point(0, -179.9), 22_239),
    ],
)
def test_distance_in_metres(a, b, metres):
    assert distance_m(a, b) == distance_m(b, a) == pytest.approx(metres, abs=2)
