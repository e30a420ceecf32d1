"""The simulator as somebody uses it who has just found the project, on a desktop and on a phone."""

import re
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from sandbox import PLACES, Sandbox, sample_network
from schemas.countries import Area
from schemas.point import Point, distance_m

AREA = Area(-27.612, -48.538, -27.594, -48.508)
DESKTOP = {"viewport": {"width": 1280, "height": 800}}
PHONE = {"viewport": {"width": 360, "height": 640}, "is_mobile": True, "has_touch": True}
each_size = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "360"])


@pytest.fixture
def sandbox():
    """One to sell in."""
    with Sandbox(network=sample_network()) as sandbox:
        yield sandbox


@pytest.fixture
def open_simulator(service, tenant, chromium):
    contexts = []

    def open_simulator(place: Point, size=DESKTOP, title="5Hub: Contratação", **options):
        context = chromium.new_context(
            locale="pt-BR",
            geolocation={"latitude": place.lat, "longitude": place.lng, "accuracy": 10},
            permissions=["geolocation"],
            **size,
        )
        contexts.append(context)
        page = context.new_page()
        page.problems = []
        page.on("pageerror", lambda error: page.problems.append(str(error)))
        page.on("console", lambda said: page.problems.append(said.text) if said.type == "error" else None)
        page.goto(f"{service(replace(tenant, area=AREA), simulator=True, **options)}/simulador")
        choose(page, title)
        return page

    yield open_simulator
    for context in contexts:
        context.close()


def choose(page, title):
    page.get_by_label("Conversa", exact=True).select_option(label=title)


def tap(page, name):
    page.get_by_role("button", name=name, exact=True).click()


def write(page, text):
    page.get_by_role("textbox", name="Mensagem").fill(text)
    tap(page, "Enviar")


def last(page, kind="bot"):
    return page.locator(f"#chat li.{kind}").last


def says(page, text, *buttons, step):
    """The newest message, its buttons, and the step in the picture."""
    expect(last(page)).to_contain_text(text)
    for name in buttons:
        expect(page.get_by_role("button", name=name, exact=True)).to_be_in_viewport(ratio=1)
    newest = page.locator("#chat li").last
    assert newest.evaluate(IN_SIGHT), "the newest message is out of sight"
    now = page.locator("#picture .now")
    expect(now).to_have_attribute("data-step", step)
    assert now.evaluate(IN_ITS_FRAME), "the step is out of the picture's frame"


# Functions of the page, which get an element.
IN_SIGHT = """one => {
  const list = document.getElementById("chat").getBoundingClientRect(), box = one.getBoundingClientRect();
  const fits = box.top >= list.top || box.height > list.height;
  return box.bottom <= list.bottom + 1 && list.bottom <= innerHeight && fits;
}"""
IN_ITS_FRAME = """one => {
  const frame = document.getElementById("picture").getBoundingClientRect(), box = one.getBoundingClientRect();
  const high = box.top >= frame.top && box.bottom <= frame.bottom;
  return high && box.left >= frame.left && box.right <= frame.right;
}"""


def new(sandbox, collection, before):
    return [record for id_, record in sandbox.store[collection].items() if id_ not in before]


def cell(page, table, name):
    row = page.locator(f"{table} tr").filter(has=page.get_by_role("rowheader", name=name, exact=True))
    return row.locator("td")


@each_size
def test_a_place_with_fibre_ends_with_a_reservation_in_ozmap(open_simulator, sandbox, size):
    before = set(sandbox.store["properties"])
    page = open_simulator(PLACES["viable"].point, size)
    says(page, "Onde será a instalação?", step="pede")
    tap(page, "Marcar um lugar")
    expect(page.locator("#fibre")).to_contain_text("caixas com portas livres")
    tap(page, "Usar a minha localização")
    expect(page.locator("#marked")).to_have_text("-27.598710, -48.519455")
    page.locator("#map").click(position={"x": 60, "y": 100})
    expect(page.locator("#marked")).not_to_have_text("-27.598710, -48.519455")
    tap(page, "Usar a minha localização")
    expect(page.locator("#marked")).to_have_text("-27.598710, -48.519455")
    tap(page, "Enviar este lugar")
    says(page, "Rua Dona Marina, 548", "Sim", "Não", "Atendente", step="confirma")
    tap(page, "Sim")
    says(page, "Boa notícia", "Quero reservar", "Agora não", "Atendente", step="oferta")
    tap(page, "Quero reservar")
    says(page, "nome completo", step="nome")
    write(page, "Maria Souza")
    says(page, "com DDD", step="telefone")
    write(page, "48 99988-7766")
    says(page, "está reservada", "Recomeçar", step="confirmado")
    expect(last(page, "end")).to_have_text("Fim do atendimento.")
    expect(page.get_by_role("textbox", name="Mensagem")).to_be_disabled()
    made = new(sandbox, "properties", before)
    assert len(made) == 1
    client = sandbox.store["ftth-clients"][made[0]["client"]]
    assert (client["name"], client["implanted"]) == ("Maria Souza", False)
    expect(cell(page, "#variables", "reserva_codigo")).to_have_text(client["code"])
    shown = {"Código": client["code"], "Cliente": client["id"], "Imóvel": made[0]["id"], "Caixa": "CTO 04-04"}
    for name, value in shown.items():
        expect(cell(page, "#made", name)).to_have_text(value)
    expect(page.locator("#calls .step summary")).to_have_text(
        ["reserva → reservado", "viabilidade → viavel", "localizacao → localizacao_ok"]
    )
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.problems == []


def test_the_same_customer_cancels_and_another_one_begins(open_simulator, sandbox):
    page = open_simulator(PLACES["viable"].point)
    for text in ("Rua Dona Marina, 552", "Sim", "1", "Maria Souza", "48 99988-7766"):
        page.locator("#text:enabled").wait_for()
        write(page, text)
    says(page, "está reservada", step="confirmado")
    expect(page.locator("#made caption")).to_have_text(["Reserva"])
    choose(page, "5Hub: Cancelar reserva")
    expect(page.locator("#chat li.me")).to_have_count(0)
    tap(page, "Cancelar reserva")
    expect(page.locator("#made caption")).to_have_text(["Reserva cancelada"])
    tap(page, "Recomeçar")
    expect(last(page, "end")).to_be_visible()  # this one has no reservation
    expect(page.locator("#made caption")).to_have_count(0)
    assert page.problems == []


def test_a_street_without_fibre_ends_with_a_prospect_in_ozmap(open_simulator, sandbox):
    before = set(sandbox.store["prospects"])
    place = PLACES["no_fibre_street"].point
    page = open_simulator(place)
    write(page, "Procurar no mapa")
    with page.expect_popup() as opened:
        page.locator("#chat li.bot a").click()
    link = opened.value
    link.get_by_role("button", name="Usar a minha localização").click()
    link.get_by_role("button", name="Confirmar este lugar").click()
    expect(link.get_by_role("heading")).to_have_text("Recebemos o lugar")
    link.close()
    write(page, "Pronto")
    says(page, "Ainda não temos fibra", "Quero ser avisado", step="sem_fibra")
    tap(page, "Quero ser avisado")
    says(page, "nome completo", step="nome")
    write(page, "João da Silva")
    says(page, "com DDD", step="telefone")
    write(page, "48 99988-7766")
    says(page, "Guardamos o seu contato", step="feito")
    made = new(sandbox, "prospects", before)
    assert [record["name"] for record in made] == ["João da Silva"]
    lng, lat = made[0]["coords"]
    assert distance_m(Point(lat, lng), place) < 1
    tags = {sandbox.store["tags"][id_]["name"] for id_ in made[0]["tags"]}
    assert tags == {"Sem viabilidade", "Chatbot"}
    expect(cell(page, "#made", "Prospect")).to_have_text(made[0]["id"])
    assert page.problems == []
    tap(page, "Recomeçar")
    says(page, "Onde será a instalação?", step="pede")
    expect(page.locator("#chat li")).to_have_count(1)


@each_size
def test_a_person_takes_over_with_a_note(open_simulator, size):
    page = open_simulator(PLACES["viable"].point, size, title="Huggy: Contratação")
    write(page, "Rua Dona Marina, 552")
    tap(page, "Sim")
    says(page, "Boa notícia", "Atendente", step="oferta")
    tap(page, "Atendente")
    says(page, "Vou chamar uma pessoa", "Recomeçar", step="atendente")
    expect(last(page, "note")).to_contain_text("Nota para o atendente")
    expect(last(page, "note")).to_contain_text("Caixa: CTO 04-04")
    expect(last(page, "end")).to_have_text("Uma pessoa continua daqui.")
    assert page.problems == []


def test_waits_as_a_flow_does(open_simulator, sandbox):
    """An OZmap that needs longer than one reply has."""
    page = open_simulator(PLACES["viable"].point, title="Huggy: Contratação", reply_deadline=1.5)
    write(page, "Rua Dona Marina, 552")
    says(page, "É aqui que será a instalação?", "Sim", step="confirma")
    sandbox.faults.add("/poles", delay=2.0)
    tap(page, "Sim")
    expect(last(page, "wait")).to_have_text(re.compile(r"O fluxo espera \d s…"))
    expect(page.get_by_role("textbox", name="Mensagem")).to_be_disabled()
    expect(page.locator("#picture .now")).to_have_attribute("data-step", "aguarda")
    expect(last(page)).to_contain_text("Boa notícia", timeout=15_000)
    expect(page.locator("#chat li.wait")).to_have_count(0)
    assert page.problems == []


def test_the_map_works_without_ozmap(open_simulator, sandbox):
    sandbox.faults.add("/boxes", status=500)
    page = open_simulator(PLACES["viable"].point)
    tap(page, "Marcar um lugar")
    tap(page, "Usar a minha localização")
    expect(page.locator("#marked")).to_have_text("-27.598710, -48.519455")
    tap(page, "Enviar este lugar")
    says(page, "Rua Dona Marina, 548", "Sim", step="confirma")
    expect(page.locator("#fibre")).to_be_empty()
    assert all("503" in problem for problem in page.problems)


def test_a_service_that_does_not_answer_is_a_person_too(open_simulator):
    page = open_simulator(PLACES["viable"].point)
    page.route("**/simulador/fivehub", lambda route: route.abort())
    write(page, "Rua Dona Marina, 552")
    expect(last(page, "end")).to_contain_text("uma pessoa continuaria daqui")
    page.unroute_all()
    tap(page, "Recomeçar")
    says(page, "Onde será a instalação?", step="pede")


def test_what_is_said_is_shown_as_text(open_simulator):
    page = open_simulator(PLACES["viable"].point)
    write(page, "<img src=x onerror=alert(1)> https://isp.example/<b>x</b>")
    expect(last(page, "me")).to_have_text("<img src=x onerror=alert(1)> https://isp.example/<b>x</b>")
    says(page, "Não encontrei esse endereço", step="outra")
    assert page.locator("#chat img, #inside img, #chat b").count() == 0
    assert page.problems == []
