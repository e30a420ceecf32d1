"""What an OZmap does, said the same way to the sandbox and to the stand-in."""

from tests.sales.shop import Shop
from tests.sales.stand_in import StandIn

WORDS = "Limite contratado de clientes atingido (Fulana Beltrana)."
"""Of a refusal that names no code; they quote the customer."""


def quotes_ozmap(*replies: object) -> bool:
    """Whether a reply shows WORDS, which are the operator's alone."""
    return any(word in str(reply) for reply in replies for word in ("Limite contratado", "atingido"))


def set_down(shop: Shop, down: bool = True) -> None:
    """OZmap closes every connection without an answer, or works again."""
    if isinstance(shop.sandbox, StandIn):
        shop.sandbox.down = down
    elif down:
        for path in ("/properties", "/ftth-clients", "/ftth-viability", "/prospects", "/projects", "/tags"):
            shop.sandbox.faults.add(path, broken="reset")
    else:
        shop.sandbox.faults.clear()


def refuse_nearest(shop: Shop, count: int) -> None:
    """So many boxes take nobody, the nearest."""
    boxes = shop.nearest()[:count]
    if isinstance(shop.sandbox, StandIn):
        shop.sandbox.refuse = lambda form: WORDS if form["box"] in boxes else None
    else:
        shop.sandbox.behaviour.change(boxes_that_refuse=boxes)


def refuse_all(shop: Shop, words: object = WORDS) -> None:
    """No box takes anybody, and feasibility still calls them viable."""
    if isinstance(shop.sandbox, StandIn):
        shop.sandbox.refuse = lambda form: words
    else:
        shop.sandbox.behaviour.change(properties_refused=words)


def fail_after_client(shop: Shop) -> None:
    """The next new client stays without the property that it came with."""
    if not isinstance(shop.sandbox, StandIn):
        shop.sandbox.behaviour.change(property_fails_after_client=1)
        return
    stand_in = shop.sandbox
    stand_in.client_first = True

    def refuse(form: object) -> str:
        stand_in.client_first = False
        take_everybody(shop)
        return "Não foi possível criar o imóvel."

    stand_in.refuse = refuse


def die_after_client(shop: Shop) -> None:
    """The next POST makes its client, then the connection is reset, and the property never comes."""
    if not isinstance(shop.sandbox, StandIn):
        shop.sandbox.behaviour.change(property_fails_after_client=1)
        shop.sandbox.faults.add("/properties", method="POST", times=1, broken="reset", when="after")
        return
    stand_in = shop.sandbox
    stand_in.client_first = True

    def die(form: object) -> None:
        stand_in.client_first = False
        take_everybody(shop)
        raise ConnectionResetError

    stand_in.refuse = die


def take_everybody(shop: Shop) -> None:
    """Every box takes whoever asks."""
    if isinstance(shop.sandbox, StandIn):
        shop.sandbox.refuse = lambda form: None
    else:
        shop.sandbox.behaviour.change(boxes_that_refuse=[], properties_refused="")


def take_seconds(shop: Shop, seconds: float) -> None:
    """A POST with a box takes so long: its client is there at once, its property at the end."""
    if isinstance(shop.sandbox, StandIn):
        shop.sandbox.post_seconds = seconds
    else:
        shop.sandbox.behaviour.change(post_seconds=[seconds])


def keep_clients(shop: Shop) -> None:
    """A client stays when its property is deleted."""
    if isinstance(shop.sandbox, StandIn):
        shop.sandbox.client_outlives_property = True
    else:
        shop.sandbox.behaviour.change(client_outlives_property=True)


def ignore_filters(shop: Shop) -> None:
    """Lists take a filter by code and show all the same."""
    if isinstance(shop.sandbox, StandIn):
        shop.sandbox.filters_ignored = True
    else:
        shop.sandbox.behaviour.change(code_filter_ignored=True)


def delete_nothing(shop: Shop) -> None:
    """A DELETE of a property is answered as done, and the property stays; until `delete_again`."""
    if isinstance(shop.sandbox, StandIn):
        shop.sandbox.remove = lambda name, id_: None
    else:
        shop.sandbox.faults.add("/properties", method="DELETE", status=204, body=None)


def delete_again(shop: Shop) -> None:
    if isinstance(shop.sandbox, StandIn):
        del shop.sandbox.remove
    else:
        shop.sandbox.faults.clear()
