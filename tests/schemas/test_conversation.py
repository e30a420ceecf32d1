"""The names of a conversation. Rows, queues and clients that exist have them: none may change."""

import pytest

from schemas.conversation import Conversation


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
    assert conversation.client_code("BOT", "0123456789abcdef", "isp") == code
    assert conversation.client_code("BOT", "another", "isp") != code
    assert conversation.client_code("BOT", "0123456789abcdef", "other") != code
    assert Conversation.of_key(key) == conversation


def test_a_key_without_a_platform_is_of_none():
    assert Conversation.of_key("BOT-huggy-55") == Conversation("BOT-huggy-55", "")
