"""What a platform module tells of its platform."""

from collections.abc import Mapping
from dataclasses import dataclass

from schemas.fields import Mode
from schemas.reply import Reply


@dataclass(frozen=True)
class Platform:
    """`name` is the first part of its routes and the prefix of its settings."""

    name: str
    mode: Mode
    """Of a feasibility, where neither request nor tenant names one."""
    styles: Mapping[str, Mapping[str, Reply]]
    """Value style to the reply schema of each action; the first style is the default."""
