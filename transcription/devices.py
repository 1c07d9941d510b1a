"""When a graphics card gives up: how to tell, whatever library says it."""

from __future__ import annotations

_WORDS = ("out of memory", "memory allocation", "cuda", "cublas", "cudnn")


def is_device_trouble(error: RuntimeError) -> bool:
    """True for memory that ran out and for libraries of the card that are missing or broken."""
    text = str(error).lower()
    return any(word in text for word in _WORDS)


def is_short_of_memory(error: RuntimeError) -> bool:
    """True where less at a time may help."""
    return "memory" in str(error).lower()
