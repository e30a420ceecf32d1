"""Location links in the store."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, update

from schemas.conversation import Conversation
from schemas.point import Point
from webhook.findme.links import KEEP_PLACE, LIVES, Links
from webhook.location.place import Place, Precision
from webhook.store import Store
from webhook.store.tables import links as table

CHAT = Conversation("huggy", "1")
PLACE = Place(Point(-27.59871, -48.519455), Precision.EXACT, "Rua Dona Marina, 548")


@pytest.fixture
def store(database_url):
    store = Store(database_url)
    yield store
    store.close()


@pytest.fixture
def links(store):
    return Links(store)


def nothing_more(connection):
    """The page tells the chat here."""


def change(store, **values):
    with store.write() as connection:
        connection.execute(update(table).values(**values))


def test_one_link_per_conversation_while_it_lives(links, store):
    first = links.make("isp", CHAT)
    assert links.make("isp", CHAT) == first
    conversations = [("isp", "huggy", "2"), ("isp", "fivehub", "1"), ("b", "huggy", "1")]
    others = [links.make(tenant, Conversation(platform, id_)) for tenant, platform, id_ in conversations]
    tokens = {first.token, *(other.token for other in others)}
    assert len(tokens) == 4
    assert all(len(token) == 32 for token in tokens)
    assert LIVES - 5 < first.expires_at - time.time() <= LIVES
    change(store, expires_at=1.0)
    assert links.make("isp", CHAT).token != first.token
    assert links.of_token(first.token) is None


def test_equal_calls_at_once_get_one_link(links):
    with ThreadPoolExecutor(8) as threads:
        tokens = set(threads.map(lambda _: links.make("isp", CHAT).token, range(16)))
    assert len(tokens) == 1


def test_the_first_confirmation_counts(links):
    link = links.make("isp", CHAT)
    assert link.alive
    assert links.confirm(link, PLACE, nothing_more)
    assert not links.confirm(link, Place(Point(0.0, 1.0), Precision.EXACT), nothing_more)
    found = links.of_conversation("isp", CHAT)
    assert (found.place, found.alive) == (PLACE, False)
    assert links.make("isp", CHAT).token != link.token  # to choose anew


def test_an_expired_link_takes_nothing(links, store):
    link = links.make("isp", CHAT)
    change(store, expires_at=time.time() - 1)
    assert not links.confirm(link, PLACE, nothing_more)
    assert not links.of_token(link.token).alive


def test_a_place_is_kept_for_a_day(links, store):
    link = links.make("isp", CHAT)
    links.confirm(link, PLACE, nothing_more)
    assert links.purge(time.time() + KEEP_PLACE - 60) == 0
    change(store, confirmed_at=time.time() - KEEP_PLACE - 1)
    assert links.of_conversation("isp", CHAT).place is None
    assert links.purge(time.time()) == 1
    links.make("isp", Conversation("huggy", "2"))
    assert links.purge(time.time() + LIVES + KEEP_PLACE + 1) == 1
    with store.read() as connection:
        assert connection.execute(select(table)).all() == []
