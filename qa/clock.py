"""Moments in a recording as people read them."""

from __future__ import annotations


def clock(ms: int) -> str:
    """A moment or length in milliseconds as minutes and seconds, `m:ss`."""
    return f"{ms // 60000}:{ms // 1000 % 60:02d}"
