"""What a platform module tells of its platform."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from schemas.fields import Mode
from schemas.reply import Reply


@dataclass(frozen=True)
class Platform:
    """`name` is the first part of its routes and the prefix of its settings, `brand` what people call it."""

    name: str
    brand: str
    mode: Mode
    """Of a feasibility, where neither request nor tenant names one."""
    styles: Mapping[str, Callable[[type[Reply]], Reply]]
    """Value style to what makes the schema of a reply from its keys; the first style is the default."""
    actions_note: str
    """Portuguese, in every build guide: how sure the names of the actions are."""
    test_channel: str
    """Portuguese: where a flow can be tried without customers."""
