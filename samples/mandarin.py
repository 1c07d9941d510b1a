"""Mandarin text to the phonemes that Kokoro v1.0 was trained on.

The inventory (IPA with tone arrows ↗ ↘ → ↓ after the nucleus, words separated by spaces) is the
one of the `misaki` G2P used in that model's training; readings come from pypinyin with tone sandhi.
"""

from __future__ import annotations

import re

import jieba
from pypinyin import Style, lazy_pinyin, load_phrases_dict

from samples.english import english_phonemes
from samples.script import ScriptError

INITIALS = {
    "b": "p", "p": "pʰ", "m": "m", "f": "f", "d": "t", "t": "tʰ", "n": "n", "l": "l",
    "g": "k", "k": "kʰ", "h": "x", "j": "ʨ", "q": "ʨʰ", "x": "ɕ",
    "zh": "ꭧ", "ch": "ꭧʰ", "sh": "ʂ", "r": "ɻ", "z": "ʦ", "c": "ʦʰ", "s": "s",
}  # fmt: skip
# final → (glide, nucleus, coda); the tone arrow follows the nucleus
FINALS = {
    "a": ("", "a", ""), "ai": ("", "ai", ""), "an": ("", "a", "n"), "ang": ("", "a", "ŋ"),
    "ao": ("", "au", ""), "e": ("", "ɤ", ""), "ei": ("", "ei", ""), "en": ("", "ə", "n"),
    "eng": ("", "ə", "ŋ"), "er": ("", "ɚ", ""), "o": ("w", "o", ""), "ong": ("", "ʊ", "ŋ"),
    "ou": ("", "ou", ""), "i": ("", "i", ""), "ia": ("j", "a", ""), "ian": ("j", "ɛ", "n"),
    "iang": ("j", "a", "ŋ"), "iao": ("j", "au", ""), "ie": ("j", "e", ""), "in": ("", "i", "n"),
    "ing": ("", "i", "ŋ"), "iong": ("j", "ʊ", "ŋ"), "iu": ("j", "ou", ""), "u": ("", "u", ""),
    "ua": ("w", "a", ""), "uai": ("w", "ai", ""), "uan": ("w", "a", "n"), "uang": ("w", "a", "ŋ"),
    "ueng": ("w", "ə", "ŋ"), "ui": ("w", "ei", ""), "un": ("w", "ə", "n"), "uo": ("w", "o", ""),
    "v": ("", "y", ""), "ve": ("ɥ", "e", ""), "van": ("ɥ", "ɛ", "n"), "vn": ("", "y", "n"),
}  # fmt: skip
TONES = {"1": "→", "2": "↗", "3": "↓", "4": "↘", "5": ""}
# whole syllables written with y/w, and bare interjections
WHOLE = {
    "yi": "i", "ya": "ia", "yan": "ian", "yang": "iang", "yao": "iao", "ye": "ie", "yin": "in",
    "ying": "ing", "yong": "iong", "you": "iu", "yu": "v", "yue": "ve", "yuan": "van", "yun": "vn",
    "wu": "u", "wa": "ua", "wai": "uai", "wan": "uan", "wang": "uang", "wei": "ui", "wen": "un",
    "weng": "ueng", "wo": "uo", "yo": "iu",
}  # fmt: skip
PUNCTUATION = {
    "，": ", ", "、": ", ", "。": ". ", "！": "! ", "？": "? ", "：": ": ", "；": "; ",
    "…": "… ", "—": "— ", "“": "", "”": "",
}  # fmt: skip
# Readings that a dictionary of general text gets wrong on the phone.
load_phrases_dict(
    {
        "喂": [["wéi"]],
        "幺": [["yāo"]],
        "嗯": [["ēn"]],
        "嗯嗯": [["ēn"], ["ēn"]],
        "行了": [["xíng"], ["le"]],
        "银行": [["yín"], ["háng"]],
        "携号": [["xié"], ["hào"]],
        "还款": [["huán"], ["kuǎn"]],
        "没空": [["méi"], ["kòng"]],
    }
)
jieba.setLogLevel(60)

_TOKEN = re.compile(r"[㐀-鿿]+|[A-Za-z][A-Za-z' -]*[A-Za-z]|[A-Za-z]|.", re.DOTALL)


def syllable_phonemes(pinyin: str) -> str:
    """Phonemes of one pinyin syllable with a tone digit, such as `zhong1`.

    Raises:
        KeyError: The syllable is not Mandarin pinyin.
    """
    sound, tone = pinyin[:-1].replace("ü", "v"), TONES[pinyin[-1]]
    if sound in WHOLE:
        initial, final = "", WHOLE[sound]
    elif sound in FINALS:
        initial, final = "", sound
    else:
        initial = sound[:2] if sound[:2] in INITIALS else sound[:1]
        final = sound[len(initial) :]
    if initial in {"j", "q", "x"} and final.startswith("u"):
        final = "v" + final[1:]
    if final == "i" and initial in {"zh", "ch", "sh", "r", "z", "c", "s"}:
        return INITIALS[initial] + "ɨ" + tone
    glide, nucleus, coda = FINALS[final]
    onset = INITIALS[initial] if initial else ""
    return onset + glide + nucleus + tone + coda


def word_phonemes(text: str) -> str:
    """Phonemes of a run of Han characters, words separated by spaces."""
    readings = iter(
        lazy_pinyin(text, style=Style.TONE3, neutral_tone_with_five=True, tone_sandhi=True)
    )
    words = jieba.cut(text, HMM=False)
    return " ".join("".join(syllable_phonemes(next(readings)) for _ in word) for word in words)


def mandarin_phonemes(text: str) -> str:
    """Phonemes of Mandarin text with English words in it (read as American English).

    Raises:
        ScriptError: Digits (write numbers as they are spoken) or an unknown English word.
    """
    if re.search(r"\d", text):
        raise ScriptError(f"digits in {text!r}", remedy="write numbers as they are spoken")
    parts = []
    for token in _TOKEN.findall(text):
        if "㐀" <= token[0] <= "鿿":
            parts.append(word_phonemes(token))
        elif token[0].isascii() and token[0].isalpha():
            parts.append(f" {english_phonemes(token, british=False)} ")
        else:
            parts.append(PUNCTUATION.get(token, token))
    return re.sub(r" +", " ", "".join(parts)).strip()
