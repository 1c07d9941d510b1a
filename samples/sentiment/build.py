"""Compose the sentiment utterances from hand-written templates: same input, same file.

    python samples/sentiment/build.py            # writes utterances.tsv beside this file

A template is one *family*. Families, never single utterances, are split into training,
validation and held-out parts, so that no wording is seen on both sides.
"""

from __future__ import annotations

import csv
import hashlib
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

HERE = Path(__file__).parent
LABELS = {"+": "positive", "0": "neutral", "-": "negative"}
#: Variants per (file, label): enough for balance, few enough that no template dominates.
WANTED = 800
MOST_PER_FAMILY = 16
_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_SLOT = re.compile(r"<(\w+)>")
_PUNCTUATION = re.compile(r"[，。！？、,.!?:;]+")
#: What a recogniser writes for what was said: homophones and near-homophones of Mandarin.
_HOMOPHONES = [
    ("账单", "帐单"), ("客服", "克服"), ("退款", "腿款"), ("投诉", "头诉"), ("套餐", "套参"),
    ("师傅", "师父"), ("在", "再"), ("的", "地"), ("得", "的"), ("他", "她"), ("宽带", "宽代"),
    ("快递", "快地"), ("服务", "福务"), ("满意", "满一"), ("失望", "试望"), ("态度", "太度"),
    ("已经", "以经"), ("谢谢", "谢些"), ("工程师", "工程是"), ("订单", "定单"), ("垃圾", "拉圾"),
]  # fmt: skip
_ENGLISH_SLIPS = [
    ("you're", "your"), ("it's", "its"), ("I've", "I"), ("can't", "can"), ("their", "there"),
    ("router", "rooter"), ("refund", "re fund"), ("bill", "bell"), ("the", "a"), ("I'm", "im"),
    ("account", "a count"), ("manager", "manner"), ("doesn't", "doesnt"), ("to", "two"),
]  # fmt: skip
#: First mood, second mood (the verdict), and how many such pairs per utterance.
_PAIRS = [
    ("positive", "positive", 0.06), ("negative", "negative", 0.06), ("neutral", "neutral", 0.05),
    ("positive", "negative", 0.04), ("negative", "positive", 0.025),
    ("neutral", "negative", 0.025), ("neutral", "positive", 0.025),
]  # fmt: skip
_LINKS = {
    "zh": (["，", "。", "，而且", "！", " "], ["，但是", "，不过", "，可是", "，就是", "，结果"]),
    "en": ([". ", ", ", "! ", " and "], [", but ", ". But ", ", however ", " but "]),
}
_FILLERS = {
    "zh": ["嗯，", "那个，", "就是，", "哎，", "我跟你说，", "呃"],
    "en": ["um ", "uh ", "well ", "so ", "like ", "I mean "],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """One line of the data: where it may be used, what it is, and the family it comes from."""

    split: str
    language: str
    register: str
    label: str
    family: str
    text: str


def main() -> None:
    """Write `utterances.tsv`."""
    rows = [row for name in sorted(HERE.glob("templates/*_*.txt")) for row in compose(name)]
    rows += list(compound(rows))
    seen: dict[str, Utterance] = {}
    for row in rows:
        seen.setdefault(row.text, row)
    with (HERE / "utterances.tsv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n", quoting=csv.QUOTE_NONE)
        writer.writerow(Utterance.__slots__)
        for row in seen.values():
            writer.writerow([getattr(row, name) for name in Utterance.__slots__])
    print(f"{len(seen)} utterances of {len({row.family for row in rows})} families")


def compose(path: Path) -> Iterator[Utterance]:
    """The utterances of one template file, balanced over the labels."""
    register = path.stem.partition("_")[2]
    language = path.stem.partition("_")[0]
    if language == "slots":
        return
    slots = _slots(language)
    lines = [
        line for line in path.read_text("utf-8").splitlines() if line[:2] in {"+ ", "0 ", "- "}
    ]
    for sign, label in LABELS.items():
        templates = [line[2:] for line in lines if line[0] == sign]
        order = sorted(range(len(templates)), key=lambda at: _hash(templates[at]))
        each = min(MOST_PER_FAMILY, max(4, round(WANTED / max(1, len(templates)))))
        for rank, at in enumerate(order):
            split = {0: "heldout", 1: "validation"}.get(rank % 6, "train")
            family = f"{path.stem}{sign}{_hash(templates[at]) % 10**8:08d}"
            for text in _expand(templates[at], slots, each):
                row = Utterance(
                    split=split, language=language, register=register, label=label,
                    family=family, text=text,
                )  # fmt: skip
                yield row
                if register == "call" and _hash(text) % 4 == 0:
                    yield replace(row, register="asr", text=spoil(text, language))


def compound(rows: list[Utterance]) -> Iterator[Utterance]:
    """Longer texts of two sentences of one split: of one mood, or turned round by "but".

    What follows "but" is the verdict: people who end on the good say so, and the reverse.
    """
    for split, language, register in sorted({(r.split, r.language, r.register) for r in rows}):
        if register == "asr":
            continue
        pool = [r for r in rows if (r.split, r.language, r.register) == (split, language, register)]
        dice = random.Random(f"{split}{language}{register}")
        for first_label, second_label, share in _PAIRS:
            firsts = [row for row in pool if row.label == first_label]
            seconds = [row for row in pool if row.label == second_label]
            for _ in range(round(len(pool) * share)):
                one, other = dice.choice(firsts), dice.choice(seconds)
                if one.family != other.family:
                    yield _joined(one, other, dice)


def _joined(one: Utterance, other: Utterance, dice: random.Random) -> Utterance:
    links = _LINKS[one.language][0 if one.label in (other.label, "neutral") else 1]
    ending = "，。！？,.!?"
    second = other.text.lstrip(".@").replace("@airline ", "").removeprefix("airline ")
    text = one.text.rstrip(ending) + dice.choice(links) + second
    return replace(other, family=f"{one.family}&{other.family}", text=text)


def spoil(text: str, language: str) -> str:
    """The text as a recogniser might have written it: no punctuation, slips, fillers."""
    dice = random.Random(_hash(text))
    slips = _HOMOPHONES if language == "zh" else _ENGLISH_SLIPS
    fitting = [pair for pair in slips if pair[0] in text]
    if fitting:
        text = text.replace(*dice.choice(fitting), 1)
    if dice.random() < 0.4:
        text = dice.choice(_FILLERS[language]) + text
    if dice.random() < 0.7:
        text = _PUNCTUATION.sub("" if language == "zh" else " ", text).replace("  ", " ")
    return text.strip()


def _slots(language: str) -> dict[str, list[str]]:
    lines = (HERE / "templates" / f"slots_{language}.txt").read_text("utf-8").splitlines()
    return {name: values.split("|") for name, _, values in (line.partition(": ") for line in lines)}


def _expand(template: str, slots: dict[str, list[str]], wanted: int) -> list[str]:
    dice = random.Random(_hash(template))
    found: dict[str, None] = {}
    for _ in range(wanted * 6):
        if len(found) >= wanted:
            break
        text = template
        while _CHOICE.search(text):
            text = _CHOICE.sub(lambda match: dice.choice(match[1].split("|")), text)
        text = _SLOT.sub(lambda match: dice.choice(slots[match[1]]), text)
        found.setdefault(" ".join(text.split()))
    return list(found)


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode("utf-8")).digest()[:6], "big")


if __name__ == "__main__":
    main()
