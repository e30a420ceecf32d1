"""The HTML of guides and of the simulator, and the simulator's files. The templates escape what they show."""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

HERE = Path(__file__).parent
FILES = {"simulator.css": "text/css", "simulator.js": "text/javascript"}
"""Name to type."""

_TEMPLATES = Environment(
    loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)


def render(name: str, **values: Any) -> str:
    """A page."""
    return _TEMPLATES.get_template(name).render(**values)


@cache
def file(name: str) -> tuple[bytes, str]:
    """Content and type. Raises KeyError."""
    kind = FILES[name]
    return (HERE / "static" / name).read_bytes(), f"{kind}; charset=utf-8"
