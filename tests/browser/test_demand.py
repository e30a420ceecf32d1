"""The demand report as an operator opens it: from a file, at 360 px, with no network but the tiles."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from sandbox import weeks
from tests.demand.report_file import write_report

PHONE = {"viewport": {"width": 360, "height": 740}, "locale": "pt-BR"}


@pytest.fixture
def report(sqlite_url, sandbox, tmp_path):
    """Its file, with the demo's weeks."""
    weeks.fill(sqlite_url.removeprefix("sqlite:///"), datetime.now(UTC).date())
    return write_report(sqlite_url, sandbox.url, tmp_path / "demanda.html")


@pytest.fixture
def page(chromium):
    context = chromium.new_context(**PHONE)
    page = context.new_page()
    page.problems, page.asked = [], []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.on("console", lambda said: page.problems.append(said.text) if said.type == "error" else None)
    page.on("request", lambda request: page.asked.append(request.url))
    yield page
    context.close()


def test_it_loads_nothing_but_tiles_and_fits_a_phone(report, page, sandbox):
    page.goto(report.as_uri())
    page.locator("img.leaflet-tile-loaded").first.wait_for()
    own, *tiles = page.asked
    assert own == report.as_uri()
    assert tiles
    assert all(url.startswith((f"{sandbox.url}/tiles/", "data:")) for url in tiles)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert page.problems == []


def test_numbers_of_the_table_stand_on_the_map_and_a_cell_says_more(report, page):
    page.goto(report.as_uri())
    expect(page.locator("tbody").first.locator("tr")).to_have_count(10)
    most = page.locator("tbody td.number").first.inner_text().split()[0]
    on_map = page.locator(".leaflet-tooltip", has_text=most).first
    expect(on_map).to_be_attached()
    page.evaluate("map.setView(drawn[0].getCenter(), 16, { animate: false })")
    expect(on_map).to_be_visible()
    page.locator("#map").click(position={"x": 168, "y": 240})
    expect(page.locator(".leaflet-popup")).to_contain_text(f"{most} sem fibra")
    link = page.locator(".leaflet-popup").get_by_role("link")
    expect(link).to_have_attribute("href", page.evaluate("data.cells[0].link"))
    page.get_by_role("button", name="Fechar").click()
    page.get_by_text("Mapa", exact=True).click()
    page.locator("img.leaflet-tile-loaded[src*='/tiles/map/']").first.wait_for()
    assert page.problems == []


def test_it_reads_without_a_script(report, chromium):
    context = chromium.new_context(**PHONE, java_script_enabled=False)
    page = context.new_page()
    page.goto(report.as_uri())
    expect(page.get_by_role("link", name="Ver no mapa a célula 1, de 350 m")).to_be_visible()
    context.close()


def test_axe_finds_nothing_serious(report, chromium):
    from axe_playwright_python.sync_playwright import Axe

    context = chromium.new_context(**PHONE, bypass_csp=True)
    page = context.new_page()
    page.goto(report.as_uri())
    page.locator("img.leaflet-tile-loaded").first.wait_for()
    found = Axe().run(page).response["violations"]
    assert [one["id"] for one in found if one["impact"] in {"serious", "critical"}] == []
    context.close()
