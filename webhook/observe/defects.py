"""Where a defect of ours is, told without the exception's text, which may quote a customer."""

import traceback
from pathlib import PurePath


def where(error: Exception) -> str:
    """Kind and place, innermost first."""
    frames = traceback.extract_tb(error.__traceback__)[-5:]
    path = " < ".join(f"{PurePath(frame.filename).name}:{frame.lineno}" for frame in reversed(frames))
    return f"{type(error).__name__} at {path}"
