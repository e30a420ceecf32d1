"""`findme`, its page without a browser, and what is sent with it."""

import secrets
from dataclasses import replace

import pytest
import redis
from sqlalchemy import update

from sandbox import Sandbox, sample_network
from tests.conftest import KEYS
from webhook.store import Store
from webhook.store.tables import links
from webhook.web.pages import MOST_MISSES, PER_ADDRESS, PER_LINK

HEADERS = {"X-Webhook-Key": KEYS["huggy"][0]}
PLACE = {"latitude": "-27.598710", "longitude": "-48.519455"}


@pytest.fixture
def ask(client):
    def ask(action, **values):
        body = {"conversa_id": "7"} | values
        return client.post(f"/huggy/{action}", json=body, headers=HEADERS).get_json()

    return ask


def page_of(reply):
    return reply["link"].removeprefix("http://127.0.0.1:15000")


def test_a_link_and_its_result(ask, client):
    made = ask("findme")
    assert (made["ok"], made["codigo"]) == ("sim", "link_criado")
    assert made["mensagem"] == f"Abra este link para marcar o lugar no mapa: {made['link']}"
    assert made["expira_em"].endswith("+00:00")
    assert ask("findme")["link"] == made["link"]
    assert ask("findme/resultado")["codigo"] == "aguardando_localizacao"
    assert client.post(f"{page_of(made)}/confirma", data=PLACE).status_code == 200
    result = ask("findme/resultado")
    assert {key: value for key, value in result.items() if key not in {"protocolo", "expira_em"}} == {
        "ok": "sim",
        "codigo": "localizacao_recebida",
        "mensagem": "Recebi o lugar da instalação. Obrigado!",
        "latitude": "-27.59871",
        "longitude": "-48.519455",
        "endereco": "Rua Dona Marina, 548 - Trindade, Florianópolis - SC",
        "precisao": "exata",
    }


def test_the_point_is_used_where_a_call_brings_none(ask, client):
    assert ask("viabilidade")["codigo"] == "localizacao_ausente"
    client.post(f"{page_of(ask('findme'))}/confirma", data=PLACE)
    for action, code in (
        ("viabilidade", "viavel"),
        ("localizacao", "localizacao_ok"),
        ("consulta/caixas_perto", "consulta_ok"),
    ):
        assert ask(action)["codigo"] == code
    assert ask("viabilidade", localizacao="-27.603545, -48.534955")["codigo"] == "sem_viabilidade"
    assert ask("viabilidade", conversa_id="8")["codigo"] == "localizacao_ausente"
    assert ask("viabilidade", localizacao="oi")["codigo"] == "localizacao_nao_entendida"
    other = client.post(
        "/fivehub/viabilidade", json={"conversa_id": "7"}, headers={"X-Webhook-Key": KEYS["fivehub"][0]}
    )
    assert other.get_json()["codigo"] == "localizacao_ausente"


def test_a_reservation_and_a_prospect_use_it_too(make_app, tenant):
    said = {"conversa_id": "7", "nome": "Maria", "telefone": "48 99988-7766"}
    with Sandbox(token=tenant.ozmap_token, network=sample_network()) as own:
        client = make_app(replace(tenant, ozmap_url=own.url)).test_client()
        made = client.post("/huggy/findme", json=said, headers=HEADERS).get_json()
        client.post(f"{page_of(made)}/confirma", data=PLACE)
        for action, code in (("reserva", "reservado"), ("prospect", "prospect_criado")):
            reply = client.post(f"/huggy/{action}", json=said, headers=HEADERS).get_json()
            assert (reply["codigo"], reply["latitude"]) == (code, "-27.59871")


def test_without_a_conversation(client):
    reply = client.post("/huggy/findme", json={}, headers=HEADERS).get_json()
    assert (reply["codigo"], reply["mensagem"]) == (
        "dados_invalidos",
        "Não foi possível usar os dados recebidos: conversa_id está faltando.",
    )
    assert client.get("/huggy/findme", headers=HEADERS).status_code == 405


def test_results_of_links_that_are_over(ask, sqlite_url):
    assert ask("findme/resultado")["codigo"] == "link_expirado"
    ask("findme")
    with Store(sqlite_url).write() as connection:
        connection.execute(update(links).values(expires_at=1.0))
    assert ask("findme/resultado")["codigo"] == "link_expirado"


def test_an_isps_own_page(make_app):
    client = make_app(findme_url="https://findme.isp.example/?c={conversa_id}&t={token}").test_client()
    reply = client.post("/huggy/findme", json={"conversa_id": "a b&c"}, headers=HEADERS).get_json()
    assert reply["link"].startswith("https://findme.isp.example/?c=a%20b%26c&t=")


def test_headers_that_protect_the_page(ask, client):
    page = client.get(page_of(ask("findme")))
    assert page.status_code == 200
    policy = page.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "https://tile.openstreetmap.org" in policy
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["X-Frame-Options"] == "DENY"
    assert page.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert page.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in page.headers
    assert "<script>" not in page.text
    assert " style=" not in page.text


def test_text_from_anywhere_is_escaped(make_app, tenant):
    client = make_app(replace(tenant, display_name="<b>ISP</b>")).test_client()
    link = page_of(client.post("/huggy/findme", json={"conversa_id": "7"}, headers=HEADERS).get_json())
    page = client.post(f"{link}/busca", data={"endereco": "<script>alert(1)</script>", "numero": '"><i>'})
    assert "<script>alert" not in page.text
    assert "<i>" not in page.text
    assert "<b>ISP" not in page.text
    assert "&lt;b&gt;ISP&lt;/b&gt;" in page.text


@pytest.mark.parametrize(
    "data", [{}, {"latitude": "x", "longitude": "1"}, {"latitude": "91", "longitude": "0"}], ids=str
)
def test_a_confirmation_without_a_place_asks_again(ask, client, data):
    page = client.post(f"{page_of(ask('findme'))}/confirma", data=data)
    assert "Onde será a instalação?" in page.text
    assert ask("findme/resultado")["codigo"] == "aguardando_localizacao"


@pytest.mark.parametrize("metres", ["100", "1500.5", "5000"])
def test_a_rough_gps_fix_is_no_house(ask, client, metres):
    page = client.post(f"{page_of(ask('findme'))}/confirma", data=PLACE | {"precisao_m": metres})
    assert "Onde será a instalação?" in page.text
    assert f"só com uns {round(float(metres))} m de precisão" in page.text
    assert ask("findme/resultado")["codigo"] == "aguardando_localizacao"


@pytest.mark.parametrize("metres", ["", "12.5", "99"])
def test_an_ordinary_gps_fix_and_a_pin_are_a_house(ask, client, metres):
    client.post(f"{page_of(ask('findme'))}/confirma", data=PLACE | {"precisao_m": metres})
    assert ask("findme/resultado")["precisao"] == "exata"


def test_a_place_in_another_country_is_asked_about(ask, client):
    place = {"latitude": "48.8584", "longitude": "2.2945"}
    page = client.post(f"{page_of(ask('findme'))}/confirma", data=place)
    assert "Não consegui entender a localização" in page.text
    assert ask("findme/resultado")["codigo"] == "aguardando_localizacao"


def test_guessing_tokens_is_slowed_down_and_refuses_no_link_that_exists(ask, client):
    """Phones share addresses: what others guessed is not this customer's fault."""
    link = page_of(ask("findme"))
    for n in range(MOST_MISSES):
        assert client.get(f"/l/guess-{n}").status_code == 404
    slowed = client.get("/l/guess")
    assert (slowed.status_code, 1 <= int(slowed.headers["Retry-After"]) <= 60) == (429, True)
    assert client.get(link).status_code == 200
    assert client.post(f"{link}/confirma", data=PLACE).status_code == 200
    assert client.get(link).status_code == 410


STREET = {"endereco": "Rua Dona Marina", "numero": "552"}


def asked_of_geocoder(sandbox) -> int:
    return sum("nominatim" in one.path for one in sandbox.requests)


@pytest.mark.parametrize("action", ["busca", "endereco", "confirma"])
def test_400_look_ups_in_a_second_do_not_reach_the_geocoder(ask, client, sandbox, action):
    link = page_of(ask("findme"))
    for n in range(400):
        data = PLACE | {"latitude": f"-27.{n + 1000}"} if action == "endereco" else {"endereco": f"Rua {n}"}
        answer = client.post(f"{link}/{action}", data=data)
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert 0 < asked_of_geocoder(sandbox) <= 2 * PER_LINK.amount
    assert client.get(link).status_code == 200


def test_words_where_a_link_has_searched_enough(ask, client):
    link = page_of(ask("findme"))
    for _ in range(PER_LINK.amount):
        assert client.post(f"{link}/busca", data=STREET).status_code == 200
    page = client.post(f"{link}/busca", data=STREET)
    assert (page.status_code, "Espere um minuto" in page.text) == (429, True)
    assert STREET["endereco"] in page.text, "the form is still there"
    said = client.post(f"{link}/busca", data=STREET, headers={"Accept": "application/json"})
    assert (said.status_code, said.get_json()["latitude"]) == (429, None)
    assert "Espere um minuto" in said.get_json()["mensagem"]
    described = client.post(f"{link}/endereco", data=PLACE)
    assert (described.status_code, described.get_json()) == (429, {"endereco": None})
    # The place itself needs no geocoder.
    assert client.post(f"{link}/confirma", data=PLACE).status_code == 200
    assert (ask("findme/resultado")["codigo"], ask("findme/resultado")["endereco"]) == (
        "localizacao_recebida",
        "",
    )


def test_links_of_one_address_share_a_larger_limit(client):
    def link_of(number: int) -> str:
        body = {"conversa_id": str(number + 1)}
        return page_of(client.post("/huggy/findme", json=body, headers=HEADERS).get_json())

    links = [link_of(number) for number in range(PER_ADDRESS.amount // PER_LINK.amount + 1)]
    for link in links[:-1]:
        for _ in range(PER_LINK.amount):
            assert client.post(f"{link}/busca", data=STREET).status_code == 200
    assert client.post(f"{links[-1]}/busca", data=STREET).status_code == 429
    other = {"REMOTE_ADDR": "203.0.113.9"}
    assert client.post(f"{links[-1]}/busca", data=STREET, environ_overrides=other).status_code == 200


def test_processes_share_these_limits_in_redis_which_sees_no_link(make_app, redis_url):
    clients = [make_app(redis_url=redis_url).test_client() for _ in range(2)]
    link = page_of(clients[0].post("/huggy/findme", json={"conversa_id": "7"}, headers=HEADERS).get_json())
    address = {"REMOTE_ADDR": f"2001:db8::{secrets.token_hex(2)}"}
    for n in range(PER_LINK.amount):
        answer = clients[n % 2].post(f"{link}/busca", data=STREET, environ_overrides=address)
        assert answer.status_code == 200
    assert clients[1].post(f"{link}/busca", data=STREET, environ_overrides=address).status_code == 429
    with redis.Redis.from_url(redis_url) as server:
        names = [name.decode() for name in server.scan_iter("*webhook*")]
    assert names
    assert not [name for name in names if link.removeprefix("/l/") in name or "2001:db8" in name]


def test_a_proxy_in_front_is_believed_as_far_as_it_is_trusted(make_app):
    for hops, status in ((0, 429), (1, 404)):
        client = make_app(trusted_proxies=hops).test_client()
        for n in range(MOST_MISSES + 1):
            answer = client.get("/l/guess", headers={"X-Forwarded-For": f"203.0.113.{n}"})
        assert answer.status_code == status


def test_pages_of_nothing(ask, client):
    link = page_of(ask("findme"))
    pages = {f"{link}/nada": 404, "/l/": 404, "/l/static/nada.js": 404, f"{link}/endereco": 405}
    for path, status in pages.items():
        assert client.get(path).status_code == status
    assert client.get("/l/static/leaflet.js").headers["Cache-Control"] == "public, max-age=86400"


@pytest.mark.parametrize("path", ["busca", "confirma"])
def test_a_tab_that_the_phone_opens_again(ask, client, path):
    link = page_of(ask("findme"))
    assert "Onde será a instalação?" in client.get(f"{link}/{path}").text
    client.post(f"{link}/confirma", data=PLACE)
    page = client.get(f"{link}/{path}")
    assert (page.status_code, "Já recebemos" in page.text) == (410, True)


def test_what_nobody_can_see_is_not_given_back(ask, client):
    page = client.post(f"{page_of(ask('findme'))}/busca", data={"endereco": "Rua\0 X", "numero": "1\x1b"})
    assert not set(page.text) & {"\0", "\x1b"}


def test_the_token_is_in_no_log(ask, client, caplog, capsys):
    link = page_of(ask("findme"))
    client.get(link)
    client.post(f"{link}/confirma", data=PLACE)
    logged = capsys.readouterr().out + caplog.text
    assert logged.count('"status": 200') == 3
    assert link.removeprefix("/l/") not in logged
    assert "27.59" not in logged


def test_the_store_in_trouble(make_app, tmp_path):
    client = make_app(database_url=f"sqlite:///{tmp_path}/not/there.db").test_client()
    page = client.get("/l/some-token")
    assert (page.status_code, "Tente de novo" in page.text) == (503, True)
    reply = client.post("/huggy/viabilidade", json={"conversa_id": "7"}, headers=HEADERS).get_json()
    assert reply["codigo"] == "ocupado"
    place = {"localizacao": "-27.598710, -48.519455"}
    assert client.post("/huggy/viabilidade", json=place, headers=HEADERS).get_json()["codigo"] == "viavel"
