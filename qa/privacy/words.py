"""Word lists: in the source as text, or as files of `names/`."""

from __future__ import annotations

from functools import cache
from importlib import resources


def words(text: str) -> frozenset[str]:
    """The words of `text`, separated by white space."""
    return frozenset(text.split())


@cache
def word_list(name: str) -> frozenset[str]:
    """The words of `names/<name>.txt`; lines that start with `#` say where they come from."""
    text = resources.files("qa.privacy").joinpath("names", f"{name}.txt").read_text("utf-8")
    return words(" ".join(line for line in text.splitlines() if not line.startswith("#")))
