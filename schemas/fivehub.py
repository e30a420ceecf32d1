"""How 5Hub takes values: typed, until somebody tells what its HTTP action makes of `true` and `null`.

Untried on a live account; FIVEHUB_VALUES=text gives the texts that Huggy gets.
"""

from schemas.huggy import text_style
from schemas.reply import REPLIES, Reply

STYLES = {
    "typed": {"": Reply()} | {action: schema() for action, schema in REPLIES.items()},
    "text": text_style("FiveHub"),
}
