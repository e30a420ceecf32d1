"""The pole network as a graph. Pure: records in, ways out, no I/O."""

import heapq
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TypeAlias

from schemas.ozmap import BasePoint
from schemas.point import distance_m

Graph: TypeAlias = Mapping[str, Mapping[str, float]]
"""Id to the ids next to it, each with its distance in metres."""


def build(points: Iterable[BasePoint]) -> Graph:
    """Joins what names each other as adjacent, one naming the other being enough.

    Neighbours that are not among `points` lie outside the piece that was read.
    """
    known = {point.id: point for point in points}
    graph: dict[str, dict[str, float]] = defaultdict(dict)
    for point in known.values():
        for other in (known[id_] for id_ in point.adjacents if id_ in known):
            if other.id not in graph[point.id]:
                way = distance_m(point.point, other.point)
                graph[point.id][other.id] = graph[other.id][point.id] = way
    return graph


def shortest_ways(graph: Graph, start: str, limit_m: float) -> dict[str, float]:
    """Metres along the graph from `start` to all that lies within `limit_m` (Dijkstra)."""
    ways: dict[str, float] = {}
    queue = [(0.0, start)]
    while queue:
        way, id_ = heapq.heappop(queue)
        if id_ in ways:
            continue
        ways[id_] = way
        for neighbour, length in graph.get(id_, {}).items():
            if neighbour not in ways and way + length <= limit_m:
                heapq.heappush(queue, (way + length, neighbour))
    return ways
