"""python -m tests.browser.screenshots: the pictures of docs/images/, taken anew."""

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

import requests
from playwright.sync_api import Browser, Page, expect, sync_playwright
from werkzeug.serving import make_server

from flowkit.app import create_app
from sandbox import PLACES, Sandbox, sample_network, weeks
from schemas.countries import Area
from schemas.point import Point
from schemas.tenants import Tenant
from tests.browser.conftest import QUIET
from tests.demand.report_file import write_report
from webhook.settings import MapTiles, Settings
from webhook.store import Store
from webhook.store.migrate import migrate

IMAGES = Path(__file__).parents[2] / "docs" / "images"
KEY = "key-for-pictures"
AREA = Area(-27.612, -48.538, -27.594, -48.508)


def main() -> None:
    """Takes them all."""
    IMAGES.mkdir(exist_ok=True)
    with (
        TemporaryDirectory() as folder,
        Sandbox(network=sample_network()) as sandbox,
        sync_playwright() as playwright,
    ):
        server = make_server("127.0.0.1", 0, None, threaded=True)
        url = f"http://127.0.0.1:{server.port}"
        database = f"sqlite:///{folder}/webhook.db"
        migrate(Store(database))
        keys = {"huggy": (KEY,), "fivehub": (KEY,)}
        isp = Tenant("isp", sandbox.url, sandbox.token, keys, display_name="A Fibra Trindade", area=AREA)
        tiles = {name: f"{sandbox.url}/tiles/{name}/{{z}}/{{x}}/{{y}}.png" for name in ("map", "satellite")}
        server.app = create_app(
            Settings(
                tenants=(isp,),
                styles={"huggy": "text", "fivehub": "typed"},
                geocoder_url=f"{sandbox.url}/nominatim",
                cep_url=f"{sandbox.url}/viacep",
                database_url=database,
                public_url=url,
                tiles=MapTiles(**tiles, map_credit="sandbox", satellite_credit="sandbox"),
                simulator=True,
                reply_deadline=30.0,  # a busy machine must not change what is shown
            )
        )
        Thread(target=server.serve_forever, daemon=True).start()
        asked = requests.post(
            f"{url}/huggy/findme",
            json={"conversa_id": "1"},
            headers={"X-Webhook-Key": KEY},
            timeout=10,
        )
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=QUIET)
        _location_page(browser, asked.json()["link"])
        _simulator(browser, f"{url}/simulador")
        _demand(browser, Path(folder), database, sandbox.url)
        browser.close()
        server.shutdown()


def _page(browser: Browser, width: int, height: int, place: Point) -> Page:
    return browser.new_page(
        viewport={"width": width, "height": height},
        device_scale_factor=2 if width < 500 else 1,
        is_mobile=width < 500,
        has_touch=width < 500,
        locale="pt-BR",
        geolocation={"latitude": place.lat, "longitude": place.lng, "accuracy": 15},
        permissions=["geolocation"],
    )


def _location_page(browser: Browser, link: str) -> None:
    page = _page(browser, 360, 740, PLACES["viable"].point)
    page.goto(link)
    page.screenshot(path=IMAGES / "findme-onde.png")
    page.get_by_role("button", name="Usar a minha localização").click()
    page.get_by_text("Rua Dona Marina").wait_for()
    _wait_for_the_map(page)
    page.screenshot(path=IMAGES / "findme-pino.png")
    page.get_by_role("button", name="Confirmar este lugar").click()
    page.get_by_text("Recebemos o lugar").wait_for()
    page.screenshot(path=IMAGES / "findme-recebido.png")


def _simulator(browser: Browser, url: str) -> None:
    """A sale, a street without fibre, a phone, and the guide to build the flow that was played."""
    for place, answers, name in (
        ("viable", ("Sim", "Quero reservar"), "simulador-reserva"),
        ("no_fibre_street", ("Sim", "Quero ser avisado"), "simulador-prospect"),
    ):
        page = _page(browser, 1280, 860, PLACES[place].point)
        _begin(page, url)
        _tap(page, "Marcar um lugar")
        expect(page.locator("#fibre")).not_to_be_empty()
        _mark_here(page)
        if place == "viable":
            page.screenshot(path=IMAGES / "simulador-mapa.png")
        _tap(page, "Enviar este lugar")
        for answer in answers:
            _tap(page, answer)
        for text in ("Maria Souza", "48 99988-7766"):
            page.locator("#text:enabled").fill(text)
            _tap(page, "Enviar")
        page.get_by_text("Fim do atendimento.").wait_for()
        page.evaluate("scrollTo(0, 0)")
        page.screenshot(path=IMAGES / f"{name}.png")
    page = _page(browser, 360, 740, PLACES["viable"].point)
    _begin(page, url)
    page.locator("#text").fill("Rua Dona Marina, 552")
    _tap(page, "Enviar")
    _tap(page, "Sim")
    page.get_by_role("button", name="Quero reservar").wait_for()
    page.screenshot(path=IMAGES / "simulador-360.png")
    page = _page(browser, 1100, 780, PLACES["viable"].point)
    page.goto(f"{url}/guia/fivehub/contratacao")
    page.locator("svg").first.screenshot(path=IMAGES / "guia.png")


def _begin(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_label("Conversa", exact=True).select_option(label="5Hub: Contratação")
    page.locator("#chat").get_by_text("Onde será a instalação").wait_for()


def _mark_here(page: Page) -> None:
    _tap(page, "Usar a minha localização")
    page.get_by_alt_text("Lugar marcado").wait_for()
    _wait_for_the_map(page)


def _demand(browser: Browser, folder: Path, database: str, sandbox_url: str) -> None:
    weeks.fill(folder / "webhook.db", datetime.now(UTC).date())
    report = write_report(database, sandbox_url, folder / "demanda.html")
    page = _page(browser, 1000, 780, PLACES["viable"].point)
    page.goto(report.as_uri())
    _wait_for_the_map(page)
    end = page.get_by_role("heading", name="As dez células").bounding_box()
    page.screenshot(
        path=IMAGES / "demanda.png",
        full_page=True,
        clip={"x": 80, "y": 0, "width": 840, "height": end["y"] if end else 1100},
    )


def _wait_for_the_map(page: Page) -> None:
    page.locator("img.leaflet-tile-loaded").first.wait_for()
    expect(page.locator("img.leaflet-tile:not(.leaflet-tile-loaded)")).to_have_count(0)
    page.wait_for_timeout(1000)  # Leaflet fades its pictures in


def _tap(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


if __name__ == "__main__":
    main()
