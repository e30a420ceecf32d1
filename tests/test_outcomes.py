"""The catalogue of outcomes, and the page that documents it."""

import re
from pathlib import Path

from schemas.reply import Reply
from webhook import outcomes
from webhook.outcomes import CATALOGUE
from webhook.viability.verdict import Reason
from webhook.web.actions import all_actions

PAGE = (Path(__file__).parents[1] / "docs" / "pt" / "outcomes.md").read_text()


def test_every_code_and_reason_is_documented_and_nothing_else():
    documented = re.findall(r"^\| `(\w+)` \| (sim|não) \|", PAGE, re.MULTILINE)
    assert dict(documented) == {code: "sim" if one.ok else "não" for code, one in CATALOGUE.items()}
    reasons = re.findall(r"^\| `(\w+)` \| (?!sim|não)", PAGE.partition("## Chaves")[0], re.MULTILINE)
    assert reasons == list(Reason)


def test_codes_are_what_a_flow_can_compare():
    assert all(re.fullmatch("[a-z][a-z0-9_]*", code) for code in CATALOGUE)
    assert CATALOGUE["viavel"] is outcomes.VIAVEL


def test_messages_fit_a_chat():
    assert all(one.message.endswith((".", "!", "?", "{detail}")) for one in CATALOGUE.values())
    assert all(len(one.message) <= 1024 for one in CATALOGUE.values())


def test_every_reply_key_is_documented_and_nothing_else():
    rows = re.findall(r"^\| (`.+?) \|", PAGE.partition("## Chaves")[2], re.MULTILINE)
    documented = [key for row in rows for key in re.findall(r"\w+", row)]
    common = list(Reply().fields)
    replies = dict.fromkeys(action.reply for action in all_actions({}))
    own = [key for schema in replies for key in schema().fields if key not in common]
    assert documented == common + own
