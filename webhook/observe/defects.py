"""Describes an unexpected exception without its text, which may quote a customer."""

import traceback
from pathlib import PurePath


def defect_site(error: Exception) -> str:
    """The exception's class, and the file and line of the last five frames, innermost first."""
    frames = traceback.extract_tb(error.__traceback__)[-5:]
    path = " < ".join(f"{PurePath(frame.filename).name}:{frame.lineno}" for frame in reversed(frames))
    return f"{type(error).__name__} at {path}"
