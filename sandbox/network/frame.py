"""The sheet the sample network is drawn on: metres east and north of a corner, and fixed ids."""

from hashlib import blake2b
from math import cos, degrees, radians, sin
from typing import Any

from sandbox.records import Record, place
from schemas.point import EARTH_RADIUS_M

CORNER = (-27.604, -48.524)  # lat, lng: between Pantanal and Trindade, Florianópolis
MAPPED = {"Pole", "Point", "JunctionBox", "Box", "Property"}  # kinds that show lat and lng
TURN = radians(11)  # the streets do not run due east


def coords(x: float, y: float) -> list[float]:
    """[lng, lat] of a place x metres along the streets and y metres across, to the centimetre."""
    east, north = x * cos(TURN) - y * sin(TURN), x * sin(TURN) + y * cos(TURN)
    lat = CORNER[0] + degrees(north / EARTH_RADIUS_M)
    lng = CORNER[1] + degrees(east / (EARTH_RADIUS_M * cos(radians(CORNER[0]))))
    return [round(lng, 7), round(lat, 7)]


def fixed_id(*name: object) -> str:
    """The same 24 hex characters for the same name, in every run and for every size of network."""
    return "5da61d35" + blake2b(repr(name).encode(), digest_size=8).hexdigest()


def record(name: tuple[object, ...], fields: dict[str, Any]) -> Record:
    """A record with its id, its times and, from `coords`, its lat and lng."""
    key = fixed_id(*name)
    day = int(key[-4:], 16)
    made = f"202{day % 4}-{1 + day % 12:02d}-{1 + day % 28:02d}T{day % 24:02d}:{day % 60:02d}:31"
    times = {"createdAt": f"{made}.449Z", "updatedAt": "2025-03-10T14:28:09.746Z", "id": key}
    made_record: Record = {**fields, **times}
    if fields.get("kind") in MAPPED:
        place(made_record)
    return made_record
