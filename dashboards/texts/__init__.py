"""Interface texts in zh-CN and en: one YAML file per language with the same keys."""

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
    text = (files(__name__) / f"{language}.yaml").read_text(encoding="utf-8")
    return dict(_flat(YAML(typ="safe", pure=True).load(text)))


def _flat(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in tree.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", str(value)


def translate(key: str, language: str, **values: Any) -> str:
    """The text of `key`, with `{name}` places filled. A missing key is a programming error."""
    return catalogue(language)[key].format(**values)
