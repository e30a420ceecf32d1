"""The pole network as a graph. Pure: records in, distances out, no I/O."""

import heapq
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TypeAlias

from schemas.ozmap import BasePoint
from schemas.point import distance_m

Graph: TypeAlias = Mapping[str, Mapping[str, float]]
"""Each id's neighbours, with their distance in metres."""


def build(points: Iterable[BasePoint]) -> Graph:
    """Joins two points if one of them names the other as adjacent.

    Neighbours that are not among `points` lie outside the circle that was read.
    """
    by_id = {point.id: point for point in points}
    graph: dict[str, dict[str, float]] = defaultdict(dict)
    for point in by_id.values():
        for other in (by_id[id_] for id_ in point.adjacents if id_ in by_id):
            if other.id not in graph[point.id]:
                length = distance_m(point.point, other.point)
                graph[point.id][other.id] = graph[other.id][point.id] = length
    return graph


def shortest_paths(graph: Graph, start: str, limit_m: float) -> dict[str, float]:
    """Length in metres of the shortest path from `start` to each id within `limit_m` (Dijkstra)."""
    lengths: dict[str, float] = {}
    queue = [(0.0, start)]
    while queue:
        length, id_ = heapq.heappop(queue)
        # A shorter path came out of the queue first: entries are not replaced, only skipped.
        if id_ in lengths:
            continue
        lengths[id_] = length
        for neighbour, step in graph.get(id_, {}).items():
            if neighbour not in lengths and length + step <= limit_m:
                heapq.heappush(queue, (length + step, neighbour))
    return lengths
