"""Every text exists in every language, with the same places to fill."""

import re
import string
from pathlib import Path

import pytest

import dashboards
from dashboards import own_words
from dashboards.texts import LANGUAGES, catalogue, translate
from qa.errors import SettingsError

SOURCES = sorted(Path(dashboards.__file__).parent.rglob("*.py"))
#: Keys written out in code: t("group.name" …) and translate("group.name" …).
LITERAL = re.compile(r"""\b(?:t|translate)\(\s*"([a-z_]+\.[a-zA-Z_]+)\"""")


def places(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_languages_have_the_same_keys_and_places():
    first, *others = (catalogue(language) for language in LANGUAGES)
    for other in others:
        assert set(other) == set(first)
        assert {key: places(text) for key, text in other.items()} == {
            key: places(text) for key, text in first.items()
        }


def test_no_text_is_empty():
    for language in LANGUAGES:
        assert [key for key, text in catalogue(language).items() if not text.strip()] == []


def words(text):
    """The letters of a text without its places: none where it joins them, PDF stays PDF."""
    return "".join(char for char in re.sub(r"{[^}]*}", "", text) if char.isalpha())


def test_chinese_texts_are_chinese():
    untranslated = [
        key
        for key, text in catalogue("zh-CN").items()
        if words(text) and not words(text).isupper() and not re.search(r"[\u4e00-\u9fff]", text)
    ]
    assert untranslated == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_keys_used_in_code_exist(path):
    used = LITERAL.findall(path.read_text(encoding="utf-8"))
    assert [key for key in used if key not in catalogue("en")] == []


def test_places_are_filled():
    assert translate("call.title", "en", call_id="A-7") == "Call A-7"
    assert translate("call.title", "zh-CN", call_id="A-7") == "通话 A-7"


def test_an_unknown_language_is_refused():
    with pytest.raises(SettingsError, match="no language 'fr'"):
        catalogue("fr")


def test_parts_of_streamlit_speak_the_interface_language():
    assert own_words.style("en") == ""
    for words in ("选择文件", "每个文件不超过 200 MB", "按 Enter 键确认"):
        assert f'content:"{words}"' in own_words.style("zh-CN")
