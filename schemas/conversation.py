"""A conversation, and every name that the store, the queue and OZmap have for it."""

import hashlib
import re
from dataclasses import dataclass
from typing import Self

_FIT_FOR_A_PATH = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


@dataclass(frozen=True)
class Conversation:
    """One customer's chat. `platform` is the platform's name, `id` the platform's own id of the chat."""

    platform: str
    id: str

    @classmethod
    def of_key(cls, key: str) -> Self:
        """The conversation of a store key. An id may have colons, the name of a platform has none."""
        platform, _, id_ = key.partition(":")
        return cls(platform, id_)

    @property
    def key(self) -> str:
        """How sales and notices spell it in the store. It is also the queue key of its sales."""
        return f"{self.platform}:{self.id}"

    @property
    def notices_queue_key(self) -> str:
        """Apart from the sales: while a platform is down, a sale must not wait behind its own notice."""
        return f"notices of {self.key}"

    @property
    def code_word(self) -> str:
        """Its part of a client code. That goes into paths, so an id that is no plain word is hashed."""
        is_fit = _FIT_FOR_A_PATH.fullmatch(self.id)
        word = self.id if is_fit else hashlib.sha256(self.id.encode()).hexdigest()[:20]
        return f"{self.platform}-{word}"

    def client_code(self, prefix: str, installation: str, tenant: str) -> str:
        """The code of its client in OZmap.

        Its last six characters are of installation, tenant and conversation: nobody else makes this code.
        """
        whose = "\n".join([installation, tenant, self.key])
        return f"{prefix}-{self.code_word}-{hashlib.sha256(whose.encode()).hexdigest()[:6]}"
