"""The names of a conversation. Rows, queues and clients that exist have them: none may change."""

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from schemas.conversation import Conversation

HERE, ELSEWHERE = "0123456789abcdef", "fedcba9876543210"

ids = st.text("aA1-_:.\n", max_size=4)
conversations = st.builds(Conversation, st.sampled_from(["huggy", "fivehub"]), ids)
owners = st.tuples(st.sampled_from([HERE, ELSEWHERE]), st.sampled_from(["isp", "isp-a", "a"]), conversations)
"""Installation, tenant and conversation."""


@pytest.mark.parametrize(
    ("conversation", "key", "code"),
    [
        (Conversation("huggy", "55"), "huggy:55", "BOT-huggy-55-ea2c19"),
        (Conversation("fivehub", "a:b"), "fivehub:a:b", "BOT-fivehub-6783a31eabf68ccc0660-a9d596"),
        (Conversation("fivehub", ""), "fivehub:", "BOT-fivehub-e3b0c44298fc1c149afb-2f3c96"),
        (Conversation("huggy", "a" * 65), f"huggy:{'a' * 65}", "BOT-huggy-635361c48bb9eab14198-869b48"),
    ],
    ids=str,
)
def test_names(conversation, key, code):
    assert conversation.key == key
    assert conversation.notices_queue_key == f"notices of {key}"
    assert conversation.client_code("BOT", HERE, "isp") == code
    assert Conversation.of_key(key) == conversation


@given(owners, owners)
@example((HERE, "isp", Conversation("huggy", "55")), (ELSEWHERE, "isp", Conversation("huggy", "55")))
@example((HERE, "isp", Conversation("huggy", "55")), (HERE, "isp-a", Conversation("huggy", "55")))
@example((HERE, "isp", Conversation("huggy", "a")), (HERE, "isp", Conversation("huggy", "A")))
@example(
    (HERE, "isp", Conversation("fivehub", "a:b")),
    (HERE, "isp", Conversation("fivehub", "6783a31eabf68ccc0660")),  # how the code spells a:b
)
def test_no_other_installation_tenant_or_conversation_makes_the_same_code(one, other):
    assume(one != other)
    codes = [whose.client_code("BOT", here, tenant).casefold() for here, tenant, whose in (one, other)]
    assert codes[0] != codes[1], "OZmap's search may ignore the case"


@given(owners, conversations)
def test_no_conversation_can_be_named_as_the_code_of_another(owner, other):
    here, tenant, conversation = owner
    code = conversation.client_code("BOT", here, tenant)
    guess = code.removeprefix(f"BOT-{conversation.platform}-")
    for id_ in (guess, guess[:-7], f"{other.id}{guess}"):
        guesser = Conversation(conversation.platform, id_)
        assert guesser == conversation or guesser.client_code("BOT", here, tenant) != code


def test_a_key_without_a_platform_is_of_none():
    assert Conversation.of_key("BOT-huggy-55") == Conversation("BOT-huggy-55", "")
