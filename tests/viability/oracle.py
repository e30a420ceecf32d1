"""Feasibility worked out over the whole sample network at once, without our graph, circles or reads."""

from sandbox.store import Store
from schemas.point import Point, distance_m


class Oracle:
    """Knows the records themselves; ways by relaxing all edges until nothing changes."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.at = {}
        for collection in ("poles", "points"):
            for id_ in store[collection]:
                lng, lat = store[collection][id_]["coords"]
                self.at[id_] = Point(lat, lng)
        self.edges = {id_: {} for id_ in self.at}
        for collection in ("poles", "points"):
            for id_ in store[collection]:
                for other in store[collection][id_]["adjacents"]:
                    length = distance_m(self.at[id_], self.at[other])
                    self.edges[id_][other] = self.edges[other][id_] = length
        self.drop = {id_: store["projects"][id_]["drop"]["maxSize"] for id_ in store["projects"]}
        self.free = {}
        for splitter in (store["splitters"][id_] for id_ in store["splitters"]):
            outputs = splitter["connectables"]["output"]
            ports = splitter.get("ports") or [{"blocked": False}] * len(outputs)
            free = sum(out is None and not port["blocked"] for out, port in zip(outputs, ports, strict=True))
            parent = splitter["parent"]
            self.free[parent] = self.free.get(parent, 0) + (free if splitter["isDrop"] else 0)

    def first_pole(self, customer: Point) -> str | None:
        """Nearest pole within 100 m that is usable and of a type allowed for sales."""
        allowed = {
            id_ for id_ in self.store["pole-types"] if self.store["pole-types"][id_]["viabilityAllowed"]
        }
        poles = [
            (distance_m(customer, self.at[id_]), id_)
            for id_ in self.store["poles"]
            if self.store["poles"][id_]["usable"] and self.store["poles"][id_]["poleType"] in allowed
        ]
        distance, nearest = min(poles)
        return nearest if distance <= 100 else None

    def ways(self, start: str) -> dict[str, float]:
        """Metres along the poles to everything that is joined to `start`."""
        ways, changed = {start: 0.0}, {start}
        while changed:
            again = set()
            for id_ in changed:
                for other, length in self.edges[id_].items():
                    if ways[id_] + length < ways.get(other, float("inf")) - 1e-9:
                        ways[other] = ways[id_] + length
                        again.add(other)
            changed = again
        return ways

    def by_pole(self, customer: Point) -> tuple[str | None, str | None]:
        """Name of the nearest viable box, or the reason."""
        pole = self.first_pole(customer)
        if pole is None:
            return None, "sem_poste"
        ways = self.ways(pole)
        boxes = [self.store["boxes"][id_] for id_ in self.store["boxes"]]
        reached = [
            (ways[box["pole"]], ways[box["pole"]] / self.drop[box["project"]], box)
            for box in boxes
            if box["pole"] in ways and not box["draft"]
        ]
        free = [(way, share, box["name"]) for way, share, box in reached if self.free.get(box["id"])]
        if viable := [(way, name) for way, share, name in free if share <= 1]:
            return min(viable)[1], None
        if any(share <= 1 for _, share, _ in reached):
            return None, "sem_porta"
        return None, "distancia" if any(share <= 2 for _, share, _ in free) else "sem_caixa"
