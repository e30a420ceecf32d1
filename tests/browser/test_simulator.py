"""The simulator as somebody uses it who has just found the project: a sale, and a street without fibre."""

from dataclasses import replace

import pytest
from playwright.sync_api import expect

from sandbox import PLACES, Sandbox, sample_network
from schemas.countries import Area
from schemas.point import Point, distance_m

AREA = Area(-27.612, -48.538, -27.594, -48.508)


@pytest.fixture
def sandbox():
    """One to sell in."""
    with Sandbox(network=sample_network()) as sandbox:
        yield sandbox


@pytest.fixture
def open_simulator(service, tenant, chromium):
    contexts = []

    def open_simulator(place: Point):
        context = chromium.new_context(
            locale="pt-BR",
            geolocation={"latitude": place.lat, "longitude": place.lng, "accuracy": 10},
            permissions=["geolocation"],
        )
        contexts.append(context)
        page = context.new_page()
        page.problems = []
        page.on("pageerror", lambda error: page.problems.append(str(error)))
        page.on("console", lambda said: page.problems.append(said.text) if said.type == "error" else None)
        page.goto(f"{service(replace(tenant, area=AREA), simulator=True)}/simulador")
        page.get_by_label("Fluxo").select_option(label="5Hub: Contratação")
        return page

    yield open_simulator
    for context in contexts:
        context.close()


def tap(page, name):
    page.get_by_role("button", name=name, exact=True).click()


def write(page, text):
    page.get_by_role("textbox", name="Mensagem").fill(text)
    tap(page, "Enviar")


def last(page, kind="bot"):
    return page.locator(f"#chat li.{kind}").last


def new(sandbox, collection, before):
    return [record for id_, record in sandbox.store[collection].items() if id_ not in before]


def test_a_place_with_fibre_ends_with_a_reservation_in_ozmap(open_simulator, sandbox):
    before = set(sandbox.store["properties"])
    page = open_simulator(PLACES["viable"].point)
    tap(page, "Enviar localização")
    expect(last(page)).to_contain_text("Envie a sua localização")
    tap(page, "Marcar um lugar")
    tap(page, "Usar a minha localização")
    expect(page.locator("#marked")).to_have_text("-27.598710, -48.519455")
    page.locator("#map").click(position={"x": 60, "y": 60})
    expect(page.locator("#marked")).not_to_have_text("-27.598710, -48.519455")
    tap(page, "Usar a minha localização")
    expect(page.locator("#marked")).to_have_text("-27.598710, -48.519455")
    tap(page, "Enviar este lugar")
    expect(last(page)).to_contain_text("Rua Dona Marina, 548")
    tap(page, "Sim")
    expect(last(page)).to_contain_text("Boa notícia")
    expect(page.get_by_role("button", name="Quero reservar")).to_be_visible()
    expect(last(page)).to_be_in_viewport(ratio=0.9)  # the buttons push nothing out
    tap(page, "Quero reservar")
    expect(last(page)).to_contain_text("nome completo")
    write(page, "Maria Souza")
    expect(last(page)).to_contain_text("com DDD")
    write(page, "48 99988-7766")
    expect(last(page)).to_contain_text("está reservada")
    expect(last(page, "end")).to_have_text("Fim do atendimento.")
    made = new(sandbox, "properties", before)
    assert len(made) == 1
    client = sandbox.store["ftth-clients"][made[0]["client"]]
    assert (client["name"], client["implanted"]) == ("Maria Souza", False)
    row = page.locator("#variables tr").filter(has=page.get_by_text("reserva_codigo", exact=True))
    expect(row.locator("td")).to_have_text(client["code"])
    calls = page.locator("#calls summary")
    expect(calls).to_have_count(3)
    expect(calls.last).to_contain_text("/fivehub/reserva → reservado")
    assert page.problems == []


def test_a_street_without_fibre_ends_with_a_prospect_in_ozmap(open_simulator, sandbox):
    before = set(sandbox.store["prospects"])
    place = PLACES["no_fibre_street"].point
    page = open_simulator(place)
    tap(page, "Procurar no mapa")
    with page.expect_popup() as opened:
        last(page).get_by_role("link").click()
    link = opened.value
    link.get_by_role("button", name="Usar a minha localização").click()
    link.get_by_role("button", name="Confirmar este lugar").click()
    expect(link.get_by_role("heading")).to_have_text("Recebemos o lugar")
    link.close()
    tap(page, "Pronto")
    expect(last(page)).to_contain_text("Ainda não temos fibra")
    tap(page, "Quero ser avisado")
    expect(last(page)).to_contain_text("nome completo")
    write(page, "João da Silva")
    expect(last(page)).to_contain_text("com DDD")
    write(page, "48 99988-7766")
    expect(last(page)).to_contain_text("Guardamos o seu contato")
    made = new(sandbox, "prospects", before)
    assert [record["name"] for record in made] == ["João da Silva"]
    lng, lat = made[0]["coords"]
    assert distance_m(Point(lat, lng), place) < 1
    tags = {sandbox.store["tags"][id_]["name"] for id_ in made[0]["tags"]}
    assert tags == {"Sem viabilidade", "Chatbot"}
    assert page.problems == []
    page.get_by_role("button", name="Recomeçar").click()
    expect(page.locator("#chat li")).to_have_count(2)
