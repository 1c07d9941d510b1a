"""English text to the phonemes that Kokoro v1.0 was trained on.

Pronunciations are looked up in the dictionaries of the `misaki` package (Apache-2.0), read as data;
inflected forms are derived by the usual rules of English spelling. A word that stays unknown is an
error: the scripts are ours, so a name is better written into `NAMES` than guessed.
"""

from __future__ import annotations

import importlib.resources
import json
import re
from functools import cache

from samples.script import ScriptError

VOWELS = frozenset("AIOQWYaiuæɑɒɔəɛɜɪʊʌᵻɐ")
NAMES = {
    False: {
        "okay": "ˌOkˈA", "mm-hmm": "mhˈm", "wi-fi": "wˈIfˌI", "whitmore": "wˈɪtmɔɹ",
        "mr": "mˈɪstəɹ", "mrs": "mˈɪsəz", "northline": "nˈɔɹθlˌIn", "telecom": "tˈɛləkˌɑm",
        "lang": "lˈæŋ", "olivia": "əlˈɪviə", "whatsapp": "wˈʌtsˌæp", "ana": "ˈɑnə",
    },
    True: {
        "okay": "ˌQkˈA", "mm-hmm": "mhˈm", "wi-fi": "wˈIfˌI", "mr": "mˈɪstə", "mrs": "mˈɪsɪz",
        "northline": "nˈɔːθlˌIn", "telecom": "tˈɛlɪkˌɒm", "olivia": "əlˈɪvɪə",
        "whatsapp": "wˈɒtsˌæp", "ana": "ˈɑːnə",
    },
}  # fmt: skip
_TOKEN = re.compile(r"[A-Za-z]+(?:['’-][A-Za-z]+)*|\d+|[.,!?;:—…]|\S")


@cache
def dictionary(*, british: bool) -> dict[str, str]:
    """Word → phonemes, lower case, checked entries before derived ones."""
    folder = importlib.resources.files("misaki") / "data"
    accent = "gb" if british else "us"
    words: dict[str, str] = {}
    for quality in ("silver", "gold"):
        entries = json.loads((folder / f"{accent}_{quality}.json").read_text(encoding="utf-8"))
        for word, sound in entries.items():
            reading = sound if isinstance(sound, str) else sound["DEFAULT"]
            if reading and (word == word.lower() or word.lower() not in words):
                words[word.lower()] = reading
    words.update(NAMES[british])
    return words


def plural(stem: str) -> str:
    """The stem with the ending -s, -es or -'s."""
    if stem[-1] in "ptkfθ":
        return stem + "s"
    return stem + ("ɪz" if stem[-1] in "szʃʒʧʤ" else "z")


def past(stem: str) -> str:
    """The stem with the ending -ed."""
    if stem[-1] in "pkfθʃsʧ":
        return stem + "t"
    return stem + ("ɪd" if stem[-1] in "td" else "d")


def _inflected(word: str, words: dict[str, str]) -> str | None:
    for ending, stems, inflect in (
        ("'s", (word[:-2],), plural),
        ("s", (word[:-1], word[:-2], word[:-3] + "y"), plural),
        ("ed", (word[:-2], word[:-1], word[:-3]), past),
        ("ing", (word[:-3], word[:-3] + "e", word[:-4]), lambda stem: stem + "ɪŋ"),
    ):
        if word.endswith(ending):
            for stem in stems:
                if len(stem) > 1 and stem in words:
                    return inflect(words[stem])
    return None


def word_sound(word: str, following: str, *, british: bool) -> str | None:
    """Phonemes of one word before `following` (a word or punctuation); None when unknown."""
    lowered, words = word.lower().replace("’", "'"), dictionary(british=british)
    before_vowel = following[:1].lower() in "aeio"
    if lowered == "the":
        return "ði" if before_vowel else "ðə"
    if lowered == "a":
        return "ə" if british else "ɐ"
    if lowered == "to":
        return "tʊ" if before_vowel else "tə"
    if word.isupper() and 1 < len(word) < 5 and lowered not in words:
        letters = [words.get(letter.lower()) for letter in word]
        return "".join(letter or "" for letter in letters)
    found = words.get(lowered) or _inflected(lowered, words)
    if found is None and "-" in lowered:
        parts = [word_sound(part, following, british=british) for part in lowered.split("-")]
        return None if None in parts else "".join(part or "" for part in parts)
    return found


def english_phonemes(text: str, *, british: bool) -> str:
    """Phonemes of English text.

    Raises:
        ScriptError: Digits (write numbers as they are spoken) or words without a known
            pronunciation, all of them named.
    """
    tokens = _TOKEN.findall(text)
    out, unknown = [], []
    for token, following in zip(tokens, [*tokens[1:], ""], strict=True):
        if token in "'’":
            continue
        if not token[0].isalnum():
            out.append(token)
            continue
        sound = None if token[0].isdigit() else word_sound(token, following, british=british)
        if sound is None:
            unknown.append(token)
        else:
            out.append(" " + sound)
    if unknown:
        raise ScriptError(
            f"no pronunciation for {sorted(set(unknown))}",
            remedy="write the word differently or add it to NAMES in samples/english.py",
        )
    return "".join(out).strip()
