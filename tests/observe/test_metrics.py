"""Metrics, their documentation and the alert rules name the same things."""

import re
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from webhook.observe.metrics import StoreFigures, exposition, note_ozmap_call, note_request
from webhook.outcomes import CATALOGUE

DOCS = Path(__file__).parents[2] / "docs"
METRICS = (DOCS / "monitoring.md").read_text()
ALERTS = (DOCS / "troubleshooting.md").read_text()
RULES = (DOCS / "alerts.yml").read_text()
FIGURES = StoreFigures(
    waiting={"notice": (2, 60.0)},
    given_up={"notice": 1},
    held_up={"defect": 1, "refused": 0},
    workers=1,
    tenants_without_worker=0,
)


def samples() -> dict[str, set[str]]:
    """Each metric that there is, and the names of its samples."""
    note_request("huggy", "eco", "eco", 0.1)
    note_ozmap_call("boxes", "ok", 0.1)
    families = text_string_to_metric_families(exposition(FIGURES).decode())
    # prometheus_client tells when a counter was made, in a process that counts alone.
    return {
        family.name + ("_total" if family.type == "counter" else ""): {one.name for one in family.samples}
        for family in families
        if not family.name.endswith("_created")
    }


def test_every_metric_is_documented_and_nothing_else():
    assert re.findall(r"^\| `(webhook_\w+)` \|", METRICS, re.MULTILINE) == list(samples())


def test_alert_rules_ask_for_what_there_is():
    there = samples()
    known = {name for names in there.values() for name in names} | set(there)
    assert set(re.findall(r"\bwebhook_\w+", RULES)) <= known
    assert set(re.findall(r'outcome="(\w+)"', RULES)) <= set(CATALOGUE)


def test_every_alert_has_something_to_do():
    documented = [
        name for row in re.findall(r"^\| (`Webhook.+?) \|", ALERTS, re.M) for name in re.findall(r"\w+", row)
    ]
    assert sorted(documented) == sorted(re.findall(r"alert: (\w+)", RULES))


def test_what_follows_the_colon_of_a_result_is_no_label():
    note_ozmap_call("boxes", "301: OZMAP_URL redirects", 0.1)
    assert 'result="301"' in exposition(FIGURES).decode()
    assert "redirects" not in exposition(FIGURES).decode()


def test_a_store_that_does_not_answer_tells_nothing():
    told = exposition(None).decode()
    assert "webhook_store_up 0.0" in told
    assert "webhook_outbox" not in told
    assert "webhook_workers" not in told
