"""The names of a conversation. Rows, queues and clients that exist have them: none may change."""

import pytest

from schemas.conversation import Conversation


@pytest.mark.parametrize(
    ("conversation", "key", "code"),
    [
        (Conversation("huggy", "55"), "huggy:55", "BOT-huggy-55"),
        (Conversation("fivehub", "a:b"), "fivehub:a:b", "BOT-fivehub-6783a31eabf68ccc0660"),
        (Conversation("fivehub", ""), "fivehub:", "BOT-fivehub-e3b0c44298fc1c149afb"),
        (Conversation("huggy", "a" * 65), f"huggy:{'a' * 65}", "BOT-huggy-635361c48bb9eab14198"),
    ],
    ids=str,
)
def test_names(conversation, key, code):
    assert conversation.key == key
    assert conversation.notices_queue_key == f"notices of {key}"
    assert conversation.client_code("BOT") == code
    assert Conversation.of_key(key) == conversation


def test_a_key_without_a_platform_is_of_none():
    assert Conversation.of_key("BOT-huggy-55") == Conversation("BOT-huggy-55", "")
