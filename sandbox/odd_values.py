"""Values in answers that are not as documented: a program of somebody else's must stand them."""

from typing import Any

from sandbox.behaviour import Behaviour


def with_odd_values(answer: Any, known: Behaviour) -> Any:
    """The JSON of an answer as `box_name_end`, `ports_as_text` and the `null_` fields have it."""
    if not (known.box_name_end or known.ports_as_text or known.null_connections or known.null_implanted):
        return answer
    if isinstance(answer, list):
        return [with_odd_values(one, known) for one in answer]
    if not isinstance(answer, dict):
        return answer
    odd = {name: with_odd_values(value, known) for name, value in answer.items()}
    is_box = answer.get("kind") == "Box" or "availability" in answer  # the latter by radius
    if is_box and "name" in answer:
        odd["name"] = answer["name"] + known.box_name_end
    if known.ports_as_text and isinstance(answer.get("port"), int):
        odd["port"] = str(answer["port"])
    if known.null_connections and answer.get("connections") == []:
        odd["connections"] = None
    if known.null_implanted and answer.get("implanted") is False:
        odd["implanted"] = None
    return odd
