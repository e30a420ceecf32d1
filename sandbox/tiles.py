"""`/tiles/<layer>/<z>/<x>/<y>.png`: pictures of the sample neighbourhood, for the location page."""

from functools import lru_cache
from io import BytesIO
from math import asinh, pi, radians, tan

from flask import Blueprint, Response, abort
from PIL import Image, ImageDraw

from sandbox.network.addresses import Street, streets
from schemas.point import Point

SIZE = 256  # pixels
DEEPEST = 19
HOUSE_EVERY = 24  # metres
COLOURS = {
    "satellite": {"ground": "#5c6b4d", "street": "#b9b3a6", "house": "#a8604a"},
    "map": {"ground": "#f2efe9", "street": "#ffffff", "house": "#d9d0c9"},
}


def tiles() -> Blueprint:
    """Their routes."""
    routes = Blueprint("tiles", __name__)

    @routes.get("/tiles/<layer>/<int:z>/<int:x>/<int:y>.png")
    def tile(layer: str, z: int, x: int, y: int) -> Response:
        if layer not in COLOURS or z > DEEPEST:
            abort(404)
        return Response(_picture(layer, z, x, y), content_type="image/png")

    return routes


@lru_cache(maxsize=500)
def _picture(layer: str, z: int, x: int, y: int) -> bytes:
    colours = COLOURS[layer]
    image = Image.new("RGB", (SIZE, SIZE), colours["ground"])
    draw = ImageDraw.Draw(image)
    metre = 2**z * SIZE / 35_500_000  # pixels, at the neighbourhood's latitude
    for street in _known():
        ends = [_pixel(street.at(n), z, x, y) for n in (0, street.length)]
        draw.line([*ends[0], *ends[1]], fill=colours["street"], width=max(1, round(8 * metre)))
        if metre > 0.5:
            _houses(draw, street, (z, x, y), round(5 * metre), colours["house"])
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _houses(
    draw: ImageDraw.ImageDraw, street: Street, tile: tuple[int, int, int], half: int, colour: str
) -> None:
    across = (street.end[1] - street.start[1], street.start[0] - street.end[0])
    for metres in range(HOUSE_EVERY, int(street.length), HOUSE_EVERY):
        for side in (-1, 1):
            aside = [part / street.length * 14 * side for part in across]
            left, top = _pixel(street.beside(metres, (aside[0], aside[1])), *tile)
            draw.rectangle([left - half, top - half, left + half, top + half], fill=colour)


def _pixel(point: Point, z: int, x: int, y: int) -> tuple[float, float]:
    """Where a point is on a tile (Web Mercator, as all map tiles)."""
    size = 2**z
    east = (point.lng + 180) / 360 * size
    south = (1 - asinh(tan(radians(point.lat))) / pi) / 2 * size
    return (east - x) * SIZE, (south - y) * SIZE


@lru_cache(maxsize=1)
def _known() -> list[Street]:
    return streets()
