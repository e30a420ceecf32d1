"""How 5Hub takes values: typed, until somebody tells what its HTTP action makes of `true` and `null`.

Untried on a live account; FIVEHUB_VALUES=text gives the texts that Huggy gets.
"""

from schemas.huggy import as_text
from schemas.reply import Reply


def typed(keys: type[Reply]) -> Reply:
    """The schema of a reply with these keys, each with its own type."""
    return keys()


STYLES = {"typed": typed, "text": as_text}
