"""The HTML templates and static files of flowkit's pages. The templates escape the values that they show."""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

HERE = Path(__file__).parent
FILES = {"simulator.css": "text/css", "simulator.js": "text/javascript"}
"""Name of a static file to its content type."""

_TEMPLATES = Environment(
    loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)


def render(name: str, **values: object) -> str:
    """A page, from the template with this name."""
    return _TEMPLATES.get_template(name).render(**values)


@cache
def file(name: str) -> tuple[bytes, str]:
    """Content and content type of a static file. Raises KeyError."""
    kind = FILES[name]
    return (HERE / "static" / name).read_bytes(), f"{kind}; charset=utf-8"
