"""Interface texts in zh-CN and en: a folder per language, a YAML file per page, the same keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from ruamel.yaml import YAML

from qa.errors import SettingsError

LANGUAGES = {"zh-CN": "中文", "en": "English"}


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """All texts of a language, keyed `group.name`.

    Raises:
        SettingsError: The interface has no such language.
    """
    if language not in LANGUAGES:
        raise SettingsError(
            f"the interface has no language {language!r}", "language", f"one of {[*LANGUAGES]}"
        )
    texts: dict[str, str] = {}
    for file in sorted((files(__name__) / language).iterdir(), key=lambda file: file.name):
        page = dict(_flat(YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8"))))
        if twice := texts.keys() & page.keys():
            raise SettingsError(f"{sorted(twice)} stand in two files", file.name, "remove one")
        texts |= page
    return texts


def _flat(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in tree.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", str(value)


def translate(key: str, language: str, **values: Any) -> str:
    """The text of `key`, with `{name}` places filled. A missing key is a programming error."""
    return catalogue(language)[key].format(**values)
