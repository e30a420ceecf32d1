"""The corpus says how much of it is read."""

import pytest

CORPUS = "test_corpus.py::test_corpus["


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    passed, failed = (
        sum(CORPUS in report.nodeid for report in terminalreporter.getreports(outcome))
        for outcome in ("passed", "failed")
    )
    if passed or failed:
        terminalreporter.write_line(f"location corpus: {passed}/{passed + failed}")
