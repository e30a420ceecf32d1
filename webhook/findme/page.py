"""HTML and files of the location page. The templates escape whatever comes from outside."""

from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import js_lib_leaflet
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from schemas.tenants import Tenant
from webhook.settings import MapTiles

HERE = Path(__file__).parent
LEAFLET = Path(js_lib_leaflet.__file__).parent / "static" / "js_lib_leaflet"
FILES = {
    "findme.css": (HERE / "static", "text/css"),
    "findme.js": (HERE / "static", "text/javascript"),
    "pin.svg": (HERE / "static", "image/svg+xml"),
    "leaflet.css": (LEAFLET, "text/css"),
    "leaflet.js": (LEAFLET, "text/javascript"),
}
"""Folder and type of each file that the page loads; only the tiles come from elsewhere."""

_TEMPLATES = Environment(
    loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined
)


@cache
def file(name: str) -> tuple[bytes, str]:
    """Content and type. Raises KeyError."""
    folder, kind = FILES[name]
    return (folder / name).read_bytes(), f"{kind}; charset=utf-8"


def render(name: str, tenant: Tenant | None, **values: object) -> str:
    """A page as HTML. Without a tenant it names no ISP."""
    who = tenant.display_name if tenant and tenant.display_name else "O seu provedor de internet"
    chat = tenant.chat_url if tenant else None
    return _TEMPLATES.get_template(name).render(who=who, chat_url=chat, **values)


def policy(tiles: MapTiles) -> str:
    """The Content-Security-Policy: our own files and pictures of the tile services; nothing inline.

    `data:` allows the empty picture with which Leaflet replaces a tile that is no longer needed.
    """
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self';"
        f" img-src 'self' data: {picture_hosts(tiles)}; base-uri 'none'; frame-ancestors 'none'"
    )


def picture_hosts(tiles: MapTiles) -> str:
    """The tile services, as a Content-Security-Policy names them."""
    hosts = {f"{parts.scheme}://{parts.netloc}" for parts in map(urlsplit, (tiles.map, tiles.satellite))}
    return " ".join(sorted(host.replace("{s}", "*") for host in hosts))
