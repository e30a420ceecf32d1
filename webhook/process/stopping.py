"""Has this service been told to stop? One byte that all its processes share, for `/readyz`."""

from mmap import mmap

# Anonymous and made before the fork: each process sees what another one writes.
_flag = mmap(-1, 1)


def begin() -> None:
    """From now on nobody should send new requests here."""
    _flag[0] = 1


def begun() -> bool:
    return _flag[0] == 1
