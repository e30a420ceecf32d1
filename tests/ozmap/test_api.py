"""Records by code, against an OZmap that spells "none" in many ways and searches by rules of its own."""

import json
from typing import Any

import pytest

from schemas.ozmap_customers import Client, Prospect
from schemas.tenants import Tenant
from webhook.net.breaker import Breaker
from webhook.net.deadline import Deadline
from webhook.ozmap.api import MOST_OF_A_CODE, MOST_PAGES, Ozmap, OzmapAccount
from webhook.ozmap.calls import PAGE_SIZE
from webhook.ozmap.client import OzmapClient
from webhook.ozmap.errors import OzmapRefused, OzmapUnreadable

URL = "http://ozmap/api/v2"
CODE = "BOT-aB1"
BY_CODE = f"{URL}/properties/client/{CODE}"


def id_of(number: int) -> str:
    return f"{number:024x}"


@pytest.fixture
def ozmap() -> Ozmap:
    tenant = Tenant(slug="isp", ozmap_url="http://ozmap", ozmap_token="token", keys={})
    return Ozmap(OzmapAccount(OzmapClient(tenant, Breaker())), Deadline(30))


@pytest.mark.parametrize("status", [200, 204])
@pytest.mark.parametrize("body", ["[]", "null", "", " ", "{}", '{"rows": []}', '{"rows": null}', '""'])
def test_every_spelling_of_none_is_none(ozmap, requests_mock, status, body):
    requests_mock.get(BY_CODE, status_code=status, text=body)
    assert ozmap.properties_of(CODE) == []


def test_no_such_code_may_be_a_404(ozmap, requests_mock):
    requests_mock.get(BY_CODE, status_code=404, json="Não encontrado")
    assert ozmap.properties_of(CODE) == []
    requests_mock.get(BY_CODE, status_code=403)
    with pytest.raises(OzmapRefused, match="403"):
        ozmap.properties_of(CODE)


@pytest.mark.parametrize("body", [{"message": "x"}, {"rows": {"a": 1}}, "none", 0, False, [None], [{}]])
def test_what_is_no_list_is_no_none(ozmap, requests_mock, body):
    requests_mock.get(BY_CODE, json=body)
    with pytest.raises(OzmapUnreadable, match=r"properties/client/\{code\}: "):
        ozmap.properties_of(CODE)


def row(number: int, **client: Any) -> dict[str, Any]:
    return {"_id": id_of(number), "client": {"_id": id_of(number + 1000), **client}}


@pytest.mark.parametrize("wrapped", [False, True])
def test_properties_of_another_code_are_left_out_and_those_without_one_stay(ozmap, requests_mock, wrapped):
    rows = [
        row(1, code=CODE),
        row(2, code=CODE.swapcase()),
        row(3, code=f"{CODE} "),
        row(4, code="BOT-\0aB1"),
        row(5),
        {"id": id_of(6), "client": id_of(1006)},
        {"id": id_of(7), "client": None},
        row(8, code=None),
    ]
    requests_mock.get(BY_CODE, json={"rows": rows} if wrapped else rows)
    assert ozmap.properties_of(CODE) == [id_of(number) for number in (1, 5, 6, 7, 8)]


def test_too_many_properties_of_a_code_are_unreadable(ozmap, requests_mock):
    others = [row(number, code="another") for number in range(100, 200)]
    ours = [row(number, code=CODE) for number in range(MOST_OF_A_CODE + 1)]
    requests_mock.get(BY_CODE, json=others + ours)
    with pytest.raises(OzmapUnreadable, match="11 rows"):
        ozmap.properties_of(CODE)
    requests_mock.get(BY_CODE, json=others + ours[:-1])
    assert len(ozmap.properties_of(CODE)) == MOST_OF_A_CODE


def pages(*rows: dict[str, Any], total: int | None = None) -> list[dict[str, Any]]:
    """Answers to the calls for one page after the other."""
    cut = [rows[start : start + PAGE_SIZE] for start in range(0, len(rows), PAGE_SIZE)] or [()]
    answers = [{"rows": cut_rows, "total": total or len(rows), "hasNextPage": True} for cut_rows in cut]
    answers[-1]["hasNextPage"] = False
    return [{"json": answer} for answer in answers]


def test_clients_with_a_code(ozmap, requests_mock):
    rows = [
        {"id": id_of(1), "code": CODE, "name": "Ana", "observation": "of the bot", "implanted": True},
        {"id": id_of(2), "code": CODE.lower()},
        {"id": id_of(3)},
        {"_id": id_of(4), "code": CODE, "observation": None, "implanted": False},
    ]
    mocked = requests_mock.get(f"{URL}/ftth-clients", pages(*rows))
    assert ozmap.clients_with(CODE) == [
        Client(id_of(1), True, "Ana", CODE, "of the bot"),
        Client(id_of(4), False, "", CODE, ""),
    ]
    assert json.loads(mocked.last_request.qs["filter"][0]) == [
        {"property": "code", "operator": "=", "value": CODE.lower()}  # requests_mock lowers it
    ]


def test_prospects_with_a_code_oldest_first(ozmap, requests_mock):
    rows = [
        {"id": "6391" + "0" * 20, "code": CODE, "observation": "newer"},
        {"id": "638a" + "f" * 20, "code": CODE, "observation": "older"},
        {"id": "6380" + "0" * 20, "code": CODE.upper()},
    ]
    requests_mock.get(f"{URL}/prospects", pages(*rows))
    assert ozmap.prospects_with(CODE) == [
        Prospect("638a" + "f" * 20, CODE, "older"),
        Prospect("6391" + "0" * 20, CODE, "newer"),
    ]


def others(number: int) -> list[dict[str, Any]]:
    return [{"id": id_of(one), "code": f"erp-{one}"} for one in range(number)]


@pytest.mark.parametrize("collection", ["prospects", "ftth-clients"])
def test_where_the_filter_is_ignored_all_pages_are_read(ozmap, requests_mock, collection):
    ours = {"id": id_of(5000), "code": CODE}
    mocked = requests_mock.get(f"{URL}/{collection}", pages(*others(2 * PAGE_SIZE), ours))
    find = ozmap.prospects_with if collection == "prospects" else ozmap.clients_with
    assert [record.id for record in find(CODE)] == [id_of(5000)]
    assert mocked.call_count == 3


@pytest.mark.parametrize(("total", "calls"), [(None, 1), (MOST_PAGES * PAGE_SIZE, MOST_PAGES)])
def test_more_than_a_filter_can_let_through_is_unreadable(ozmap, requests_mock, total, calls):
    rows = others(MOST_PAGES * PAGE_SIZE + 1)
    mocked = requests_mock.get(f"{URL}/prospects", pages(*rows, total=total))
    with pytest.raises(OzmapUnreadable) as error:
        ozmap.prospects_with(CODE)
    assert error.value.reason == "prospects: the filter is ignored"
    assert mocked.call_count == calls
    requests_mock.get(f"{URL}/prospects", pages(*rows[:-1]))
    assert ozmap.prospects_with(CODE) == []


def test_single_records(ozmap, requests_mock):
    requests_mock.get(f"{URL}/prospects/{id_of(1)}", json={"_id": id_of(1), "code": CODE, "observation": "o"})
    requests_mock.get(f"{URL}/prospects/{id_of(2)}", status_code=404)
    assert ozmap.prospect(id_of(1)) == Prospect(id_of(1), CODE, "o")
    assert ozmap.prospect(id_of(2)) is None


def test_an_absent_client_is_deleted(ozmap, requests_mock):
    requests_mock.delete(f"{URL}/ftth-clients/{id_of(1)}", [{"status_code": 204}, {"status_code": 404}])
    ozmap.delete_client(id_of(1))
    ozmap.delete_client(id_of(1))
    requests_mock.delete(f"{URL}/ftth-clients/{id_of(1)}", status_code=409)
    with pytest.raises(OzmapRefused):
        ozmap.delete_client(id_of(1))
