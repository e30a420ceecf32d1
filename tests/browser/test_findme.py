"""The location page as customers use it: each way ends with `viabilidade` answering for the right point."""

import re
from dataclasses import replace

import pytest
import requests
from limits import RateLimitItemPerMinute
from playwright.sync_api import expect
from sqlalchemy import update

from sandbox import PLACES
from sandbox.network.addresses import streets
from schemas.countries import Area
from schemas.point import Point, distance_m
from tests.conftest import KEYS
from webhook.store import Store
from webhook.store.tables import links

VIABLE = PLACES["viable"].point
HEADERS = {"X-Webhook-Key": KEYS["fivehub"][0]}
PHONE = {"viewport": {"width": 360, "height": 740}, "locale": "pt-BR"}
TYPED = next(street for street in streets() if street.name == "Rua Dona Marina").at(552)


@pytest.fixture
def chat(service, tenant):
    """What the flow asks, for one conversation."""

    class Chat:
        url = service(replace(tenant, chat_url="https://wa.me/5548999990000", display_name="Fibra Trindade"))

        def ask(self, action, **values):
            body = {"conversa_id": "chat-1"} | values
            return requests.post(
                f"{self.url}/fivehub/{action}", json=body, headers=HEADERS, timeout=10
            ).json()

        def link(self):
            return self.ask("findme")["link"]

        def ends_at(self, point, metres=1.0):
            """The conversation's place is there, and feasibility answers for it."""
            assert self.ask("findme/resultado")["codigo"] == "localizacao_recebida"
            reply = self.ask("viabilidade")
            assert distance_m(Point(reply["latitude"], reply["longitude"]), point) < metres
            assert reply["codigo"] in {"viavel", "sem_viabilidade"}
            return reply

    return Chat()


@pytest.fixture
def open_page(chromium):
    contexts = []

    def open_page(url, **options):
        context = chromium.new_context(**(PHONE | options))
        contexts.append(context)
        page = context.new_page()
        page.problems = []
        page.on("pageerror", lambda error: page.problems.append(str(error)))
        page.on("console", lambda said: page.problems.append(said.text) if said.type == "error" else None)
        page.goto(url)
        return page

    yield open_page
    for context in contexts:
        context.close()


def gps(point, accuracy=20):
    place = {"latitude": point.lat, "longitude": point.lng, "accuracy": accuracy}
    return {"geolocation": place, "permissions": ["geolocation"]}


def confirm(page):
    page.get_by_role("button", name="Confirmar este lugar").click()
    expect(page.get_by_role("heading")).to_have_text("Recebemos o lugar")


def test_gps(chat, open_page):
    page = open_page(chat.link(), **gps(VIABLE))
    page.get_by_role("button", name="Usar a minha localização").click()
    expect(page.locator("#here")).to_have_text("Rua Dona Marina, 548 - Trindade, Florianópolis - SC")
    expect(page.locator("path.leaflet-interactive, path[stroke]")).to_have_count(1)  # the accuracy
    confirm(page)
    expect(page.get_by_role("link", name="Voltar à conversa")).to_have_attribute(
        "href", "https://wa.me/5548999990000"
    )
    assert chat.ends_at(VIABLE)["viavel"] is True
    assert page.problems == []


def test_a_rough_gps_fix_has_to_be_moved(chat, open_page):
    page = open_page(chat.link(), **gps(VIABLE, accuracy=1500))
    page.get_by_role("button", name="Usar a minha localização").click()
    hint = page.locator("#rough")
    expect(hint).to_have_text(
        "O GPS só sabe onde você está com uns 1500 m de erro."
        " Toque no lugar certo no mapa, ou arraste o pino até ele."
    )
    page.get_by_role("button", name="Confirmar este lugar").click()
    expect(page.get_by_role("heading")).to_have_text("É este o telhado?")
    assert chat.ask("findme/resultado")["codigo"] == "aguardando_localizacao"
    page.get_by_alt_text("Pino no lugar da instalação").focus()
    page.keyboard.press("ArrowUp")
    expect(hint).to_be_hidden()
    moved = position(page)
    confirm(page)
    chat.ends_at(moved)


def test_the_middle_of_a_street_has_to_be_moved(chat, open_page):
    page = open_page(chat.link())
    page.get_by_label("Ou escreva o endereço").fill("Rua Dona Marina")
    page.get_by_role("button", name="Procurar").click()
    expect(page.locator("#rough")).to_contain_text("Só encontrei a rua.")
    page.get_by_role("button", name="Confirmar este lugar").click()
    expect(page.get_by_role("heading")).to_have_text("É este o telhado?")
    page.locator("#map").click(position={"x": 150, "y": 160})
    moved = position(page)
    confirm(page)
    chat.ends_at(moved)


def test_gps_refused_then_an_address(chat, open_page):
    page = open_page(chat.link(), permissions=[])
    page.get_by_role("button", name="Usar a minha localização").click()
    expect(page.get_by_role("alert").first).to_have_text(
        "Não consegui obter a localização. Escreva o endereço."
    )
    page.get_by_label("Ou escreva o endereço").fill("Rua Dona Marina")
    page.get_by_label("Número").fill("552")
    page.get_by_role("button", name="Procurar").click()
    confirm(page)
    reply = chat.ends_at(TYPED)
    assert (reply["precisao"], reply["viavel"]) == ("exata", True)


def test_an_address_that_is_not_found_is_asked_for_again(chat, open_page):
    page = open_page(chat.link())
    page.get_by_label("Ou escreva o endereço").fill("Rua que não existe, 5")
    page.get_by_role("button", name="Procurar").click()
    expect(page.get_by_role("alert").first).to_contain_text("Não encontrei esse endereço")
    page.get_by_label("Ou escreva o endereço").fill("Rua Dona Marina, 552")
    page.get_by_role("button", name="Procurar").click()
    confirm(page)
    chat.ends_at(TYPED)


def test_the_pin_dragged_tapped_and_moved_by_keys(chat, open_page):
    page = open_page(chat.link(), **gps(PLACES["no_fibre_street"].point))
    page.get_by_role("button", name="Usar a minha localização").click()
    expect(page.locator("#here")).to_contain_text("Estrada do Morro Alto")
    pin = page.get_by_alt_text("Pino no lugar da instalação")
    box = pin.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    start = position(page)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y + 40, steps=8)
    page.mouse.up()
    dragged = position(page)
    assert 20 < distance_m(start, dragged) < 80
    page.locator("#map").click(position={"x": 250, "y": 60})
    tapped = position(page)
    assert distance_m(dragged, tapped) > 20
    pin.focus()
    for _ in range(5):
        page.keyboard.press("ArrowUp")
    moved = position(page)
    assert moved.lat > tapped.lat
    assert 9 < distance_m(tapped, moved) < 11
    confirm(page)
    chat.ends_at(moved)


def position(page):
    return Point(float(page.locator("#lat").input_value()), float(page.locator("#lng").input_value()))


def test_map_and_satellite(chat, open_page):
    page = open_page(chat.link(), **gps(VIABLE))
    page.get_by_role("button", name="Usar a minha localização").click()
    expect(page.locator("img.leaflet-tile[src*='/tiles/satellite/']").first).to_be_visible()
    page.get_by_role("button", name="Ver o mapa").click()
    expect(page.locator("img.leaflet-tile[src*='/tiles/map/']").first).to_be_visible()
    page.get_by_role("button", name="Ver a foto de satélite").click()
    page.get_by_role("button", name="Voltar").click()
    expect(page.get_by_role("heading", name="Onde será a instalação?")).to_be_visible()


def test_an_expired_link(chat, open_page, sqlite_url):
    url = chat.link()
    with Store(sqlite_url).write() as connection:
        connection.execute(update(links).values(expires_at=1.0))
    page = open_page(url)
    expect(page.get_by_role("heading")).to_have_text("Este link venceu")
    assert chat.ask("findme/resultado")["codigo"] == "link_expirado"
    page = open_page(chat.link(), **gps(VIABLE))
    page.get_by_role("button", name="Usar a minha localização").click()
    confirm(page)
    chat.ends_at(VIABLE)


def test_two_tabs_and_a_double_confirm(chat, open_page):
    url = chat.link()
    other = PLACES["no_fibre_street"].point
    first, second = open_page(url, **gps(VIABLE)), open_page(url, **gps(other))
    for page in (first, second):
        page.get_by_role("button", name="Usar a minha localização").click()
        expect(page.locator("#here")).to_contain_text("Florianópolis")
    confirm(first)
    second.get_by_role("button", name="Confirmar este lugar").click()
    expect(second.get_by_role("heading")).to_have_text("Lugar recebido")
    first.go_back()
    first.reload()
    expect(first.get_by_role("heading")).to_have_text("Lugar recebido")
    assert "-27.59" not in first.content()
    assert "Marina" not in first.content()
    chat.ends_at(VIABLE)


def test_without_javascript(chat, open_page):
    page = open_page(chat.link(), java_script_enabled=False)
    page.get_by_label("Ou escreva o endereço").fill("Rua que não existe")
    page.get_by_role("button", name="Procurar").click()
    expect(page.get_by_role("alert").first).to_contain_text("Não encontrei esse endereço")
    page.get_by_label("Ou escreva o endereço").fill("Rua Dona Marina, Trindade")
    page.get_by_label("Número").fill("552")
    page.get_by_role("button", name="Procurar").click()
    expect(page.get_by_text("Rua Dona Marina, 552 - Trindade, Florianópolis - SC")).to_be_visible()
    page.get_by_role("button", name="Sim, é aqui").click()
    expect(page.get_by_role("heading")).to_have_text("Recebemos o lugar")
    assert chat.ends_at(TYPED)["precisao"] == "endereco"


def test_a_slow_network_is_told(chat, open_page):
    page = open_page(chat.link())
    page.route("**/busca", lambda route: route.abort())
    page.get_by_label("Ou escreva o endereço").fill("Rua Dona Marina, 552")
    page.get_by_role("button", name="Procurar").click()
    expect(page.get_by_role("alert").first).to_have_text("A rede está lenta. Tente de novo.")
    page.unroute("**/busca")
    page.get_by_role("button", name="Procurar").click()
    confirm(page)
    chat.ends_at(TYPED)


def test_a_place_outside_of_the_area_is_asked_about_and_taken(service, tenant, open_page):
    area = Area(-27.61, -48.53, -27.58, -48.50)
    url = service(replace(tenant, area=area))
    ask = {"json": {"conversa_id": "x"}, "headers": HEADERS, "timeout": 10}
    link = requests.post(f"{url}/fivehub/findme", **ask).json()["link"]
    far = Point(-27.0, -48.6)
    page = open_page(link, **gps(far))
    page.get_by_role("button", name="Usar a minha localização").click()
    expect(page.locator("#here")).to_have_text("Lugar marcado no mapa.")
    page.get_by_role("button", name="Confirmar este lugar").click()
    expect(page.get_by_text("Este lugar parece ficar fora da área atendida.")).to_be_visible()
    confirm(page)
    reply = requests.post(f"{url}/fivehub/viabilidade", **ask).json()
    assert (reply["codigo"], reply["latitude"]) == ("sem_viabilidade", far.lat)


def test_on_a_narrow_phone(chat, open_page):
    page = open_page(chat.link(), **gps(VIABLE), viewport={"width": 320, "height": 568})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.get_by_role("button", name="Usar a minha localização").click()
    expect(page.locator("#here")).to_contain_text("Rua Dona Marina")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    for button in page.get_by_role("button").all():
        box = button.bounding_box()
        assert not box or box["height"] >= 44 or "leaflet" in (button.get_attribute("class") or "")
    confirm(page)
    chat.ends_at(VIABLE)


def test_by_keyboard_alone(chat, open_page):
    page = open_page(chat.link(), **gps(VIABLE))
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#here")).to_contain_text("Rua Dona Marina")
    for _ in range(12):
        if page.evaluate("document.activeElement.textContent.trim()") == "Confirmar este lugar":
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading")).to_have_text("Recebemos o lugar")
    chat.ends_at(VIABLE)


def test_weight_and_number_of_requests(chat, chromium):
    context = chromium.new_context(**PHONE, **gps(VIABLE))
    page = context.new_page()
    loaded = {}
    page.on("response", lambda response: loaded.setdefault(response.url, len(response.body())))
    page.goto(chat.link(), wait_until="networkidle")
    own = {url: size for url, size in loaded.items() if "/tiles/" not in url}
    assert len(own) <= 6
    assert sum(own.values()) < 200_000
    page.get_by_role("button", name="Usar a minha localização").click()
    expect(page.locator("#here")).to_contain_text("Rua Dona Marina")
    assert all(re.match(r"http://127\.0\.0\.1:", url) for url in loaded)
    context.close()


def test_axe_finds_nothing_serious(chat, chromium):
    from axe_playwright_python.sync_playwright import Axe

    context = chromium.new_context(**PHONE, **gps(VIABLE), bypass_csp=True)
    page = context.new_page()
    page.goto(chat.link())
    for step in range(3):
        if step == 1:
            page.get_by_role("button", name="Usar a minha localização").click()
            expect(page.locator("#here")).to_contain_text("Rua Dona Marina")
        if step == 2:
            confirm(page)
        found = Axe().run(page).response["violations"]
        serious = [
            (rule["id"], rule["impact"]) for rule in found if rule["impact"] in {"serious", "critical"}
        ]
        assert serious == []
    context.close()


def test_many_searches_are_asked_to_wait(chat, open_page, monkeypatch):
    monkeypatch.setattr("webhook.web.pages.PER_LINK", RateLimitItemPerMinute(2))
    page = open_page(chat.link())
    for words in (None, None, "Espere um minuto e tente de novo"):
        page.get_by_label("Endereço").fill("Rua que ninguém conhece")
        with page.expect_response("**/busca"):
            page.get_by_role("button", name="Procurar").click()
        if words:
            expect(page.locator("#said")).to_contain_text(words)


def test_a_held_arrow_key_asks_for_one_address(chat, open_page, sandbox):
    page = open_page(chat.link())
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/endereco" in request.url else None)
    page.get_by_label("Endereço").fill("Rua Dona Marina")
    page.get_by_label("Número").fill("552")
    page.get_by_role("button", name="Procurar").click()
    expect(page.locator("#here")).to_contain_text("Rua Dona Marina")
    asked.clear()
    pin = page.get_by_alt_text("Pino no lugar da instalação")
    for _ in range(20):
        pin.press("ArrowUp")
    expect(page.locator("#here")).to_contain_text("Florianópolis")
    assert 1 <= len(asked) <= 5
