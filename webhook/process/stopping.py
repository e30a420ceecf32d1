"""Whether this service was told to stop: one byte that all its processes share, for `/readyz`."""

from mmap import mmap

# Anonymous and made before the fork: each process sees what another writes.
_told = mmap(-1, 1)


def begin() -> None:
    """From now on nobody should send new requests here."""
    _told[0] = 1


def begun() -> bool:
    """Whether `begin` was called, in whichever process."""
    return _told[0] == 1
