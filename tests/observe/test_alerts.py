"""The alert rules, as Prometheus reads them."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.missing import missing

RULES = Path(__file__).parents[2] / "docs" / "alerts.yml"


def promtool(*arguments: object) -> str:
    """What it prints."""
    tool = shutil.which("promtool") or missing("no promtool: apt-get install prometheus")
    ran = subprocess.run([tool, *map(str, arguments)], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def test_prometheus_accepts_the_rules():
    assert f"{RULES.read_text().count('alert:')} rules found" in promtool("check", "rules", RULES)


@pytest.mark.parametrize(
    ("alert", "series", "label"),
    [
        ("WebhookDefect", 'webhook_requests_total{action="eco",outcome="erro_interno"}', "action: eco"),
        ("WebhookWorkerDefect", 'webhook_worker_deliveries_total{kind="x",result="defect"}', "kind: x"),
        (
            "WebhookSalesRefused",
            'webhook_requests_total{action="reserva",outcome="ozmap_recusou"}',
            "action: reserva",
        ),
    ],
)
def test_the_first_one_raises_an_alert_for_ten_minutes(tmp_path, alert, series, label):
    """With it the series begins, and `increase` sees nothing."""
    lines = [
        f"rule_files: [{RULES}]",
        "tests:",
        "  - interval: 1m",
        "    input_series:",
        f"      - {{series: '{series}', values: '_x10 1x30'}}",
        "    alert_rule_test:",
    ]
    for minute, raised in ((9, False), (12, True), (19, True), (25, False)):
        expected = f"[{{exp_labels: {{{label}}}}}]" if raised else "[]"
        lines.append(f"      - {{eval_time: {minute}m, alertname: {alert}, exp_alerts: {expected}}}")
    test = tmp_path / "test.yml"
    test.write_text("\n".join(lines))
    promtool("test", "rules", test)
