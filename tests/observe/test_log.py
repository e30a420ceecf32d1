"""The writer of log lines."""

import json
import logging
from datetime import UTC, datetime, timedelta

from webhook.observe import log


def test_a_line_is_one_json_object_with_the_time_first(capsys):
    log.configure()
    log.configure()
    log.write(event="store unavailable", tenant=None, reasons=["a\nb"])
    [line] = capsys.readouterr().out.splitlines()
    fields = json.loads(line)
    assert list(fields) == ["time", "event", "tenant", "reasons"]
    assert datetime.now(UTC) - datetime.fromisoformat(fields.pop("time")) < timedelta(minutes=1)
    assert fields == {"event": "store unavailable", "tenant": None, "reasons": ["a\nb"]}


def test_libraries_that_log_addresses_are_silent():
    log.configure()
    for name in ("urllib3.connectionpool", "geopy"):
        assert not logging.getLogger(name).isEnabledFor(logging.ERROR)
