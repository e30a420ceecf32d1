"""The whole way of a location link: asked for, confirmed, told to the chat, gone on with."""

from sandbox.huggy import Told
from tests.notices.conftest import KEY
from webhook import outcomes

PLACE = {"latitude": "-27.598710", "longitude": "-48.519455"}


def ask(office, action):
    """A call that knows nothing but its conversation."""
    headers = {"X-Webhook-Key": KEY}
    return office.app.test_client().post(f"/huggy/{action}", json={"conversa_id": "55"}, headers=headers).json


def confirm(office, times=1):
    """The page's answers to its button."""
    link = ask(office, "findme")["link"]
    path = link[link.index("/l/") :]
    client = office.app.test_client()
    assert client.get(path).status_code == 200
    return [client.post(f"{path}/confirma", data=PLACE).status_code for _ in range(times)]


def test_from_the_link_to_the_continuation_flow(office):
    assert confirm(office) == [200]
    assert office.told == []  # the customer's browser does not wait for Huggy
    office.tell()
    assert office.told == [Told("55", text=outcomes.LOCALIZACAO_RECEBIDA.message), Told("55", flow=7)]
    reply = ask(office, "viabilidade")
    assert (reply["codigo"], reply["viavel"]) == ("viavel", "sim")
    assert (reply["latitude"], reply["longitude"]) == ("-27.59871", "-48.519455")


def test_a_second_confirmation_is_not_told(office):
    assert confirm(office, times=2) == [200, 410]
    office.tell()
    assert len(office.told) == 2


def test_in_the_words_of_the_tenant_and_without_a_flow(open_office):
    office = open_office(huggy_flow=None, texts={"localizacao_recebida": "Achei!"})
    confirm(office)
    office.tell()
    assert office.told == [Told("55", text="Achei!")]
