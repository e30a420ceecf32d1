"""A place that a customer says in several messages, or marks on the map and then writes "pronto"."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

PLACE_ACTION = "localizacao"
FOUND = "localizacao_ok"
_TRY_AGAIN = {
    "localizacao_ausente", "localizacao_nao_entendida", "endereco_nao_encontrado", "endereco_impreciso"
}  # fmt: skip
_IS_THE_HOUSE = {"exata", "endereco"}
_LONGEST = 300
"""Characters of an answer that is kept for the next one."""

Reply: TypeAlias = Mapping[str, str]
Send: TypeAlias = Callable[[str, Mapping[str, object]], Reply]
"""Calls an action by its name and gives the keys of its reply as text."""


def locate(send: Send, values: Mapping[str, object], before: str, conversation: object) -> tuple[Reply, str]:
    """The reply for the place, and what to keep for the next answer, until that names a house.

    An answer that is no place alone is tried behind the one before it ("Rua X", then "123"). If that is none
    either, the place that was marked on the conversation's location page counts.
    """
    said = str(values.get(PLACE_ACTION, ""))
    reply = send(PLACE_ACTION, values)
    tries: list[dict[str, object]] = [{PLACE_ACTION: f"{before}, {said}"}] if before else []
    tries.append({"conversa_id": conversation})
    while tries and reply["codigo"] in _TRY_AGAIN:
        other = send(PLACE_ACTION, tries.pop(0))
        if other["codigo"] == FOUND:
            reply = other
    if reply["codigo"] == FOUND and reply["precisao"] in _IS_THE_HOUSE:
        return reply, ""
    is_text = said and not said.startswith("{") and len(said) <= _LONGEST
    return reply, said if is_text else ""
