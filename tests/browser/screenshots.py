"""python -m tests.browser.screenshots: the pictures of docs/images/, taken anew."""

from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

import requests
from playwright.sync_api import sync_playwright
from werkzeug.serving import make_server

from sandbox import PLACES, Sandbox, sample_network
from schemas.tenants import Tenant
from tests.browser.conftest import QUIET
from webhook import create_app
from webhook.settings import Settings, Tiles
from webhook.store import Store
from webhook.store.migrate import migrate

IMAGES = Path(__file__).parents[2] / "docs" / "images"
KEY = "key-for-pictures"


def main() -> None:
    """Takes them all."""
    IMAGES.mkdir(exist_ok=True)
    with TemporaryDirectory() as folder, Sandbox(network=sample_network()) as sandbox:
        server = make_server("127.0.0.1", 0, None, threaded=True)
        url = f"http://127.0.0.1:{server.port}"
        database = f"sqlite:///{folder}/webhook.db"
        migrate(Store(database))
        isp = Tenant("isp", sandbox.url, sandbox.token, {"huggy": (KEY,)}, display_name="A Fibra Trindade")
        tiles = {name: f"{sandbox.url}/tiles/{name}/{{z}}/{{x}}/{{y}}.png" for name in ("map", "satellite")}
        server.app = create_app(
            Settings(
                tenants=(isp,),
                styles={"huggy": "text", "fivehub": "typed"},
                geocoder_url=f"{sandbox.url}/nominatim",
                cep_url=f"{sandbox.url}/viacep",
                database_url=database,
                public_url=url,
                tiles=Tiles(**tiles),
            )
        )
        Thread(target=server.serve_forever, daemon=True).start()
        asked = requests.post(
            f"{url}/huggy/findme",
            json={"conversa_id": "1"},
            headers={"X-Webhook-Key": KEY},
            timeout=10,
        )
        _location_page(asked.json()["link"])
        server.shutdown()


def _location_page(link: str) -> None:
    place = PLACES["viable"].point
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=QUIET)
        page = browser.new_page(
            viewport={"width": 360, "height": 740},
            device_scale_factor=2,
            locale="pt-BR",
            geolocation={"latitude": place.lat, "longitude": place.lng, "accuracy": 15},
            permissions=["geolocation"],
        )
        page.goto(link)
        page.screenshot(path=IMAGES / "findme-onde.png")
        page.get_by_role("button", name="Usar a minha localização").click()
        page.get_by_text("Rua Dona Marina").wait_for()
        page.wait_for_load_state("networkidle")
        page.screenshot(path=IMAGES / "findme-pino.png")
        page.get_by_role("button", name="Confirmar este lugar").click()
        page.get_by_text("Recebemos o lugar").wait_for()
        page.screenshot(path=IMAGES / "findme-recebido.png")
        browser.close()


if __name__ == "__main__":
    main()
