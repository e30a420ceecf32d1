"""What a platform module tells of its platform."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from schemas.fields import Mode
from schemas.reply import Reply


@dataclass(frozen=True)
class Platform:
    """`name` is the first part of its routes and the prefix of its settings."""

    name: str
    mode: Mode
    """Of a feasibility, where neither request nor tenant names one."""
    styles: Mapping[str, Callable[[type[Reply]], Reply]]
    """Value style to what makes the schema of a reply from its keys; the first style is the default."""
