"""Measure detection on labelled texts: recall and precision by type, and what stays readable."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa.errors import SettingsError
from qa.privacy import found as kinds
from qa.privacy.detect import detect
from qa.privacy.digits import digit_groups
from qa.privacy.found import Found
from qa.privacy.view import fold

ANY_TYPE = "DIGITS"
"""A label that says what is hidden, not what it is: digits read out without a name for them."""

READABLE_DIGITS = 3
"""So many consecutive true digits may stay: four are already what agents verify by."""

_NAMES = {
    "PHONE_NUMBER": kinds.PHONE,
    "MOBILE": kinds.PHONE,
    "LANDLINE": kinds.PHONE,
    "CREDIT_CARD": kinds.BANK_CARD,
    "EMAIL_ADDRESS": kinds.EMAIL,
    "STREET_ADDRESS": kinds.ADDRESS,
    "LOCATION": kinds.ADDRESS,
    "GPE": kinds.ADDRESS,
    "ZIP_CODE": kinds.ADDRESS,
    "ZIP": kinds.ADDRESS,
    "IBAN_CODE": kinds.IBAN,
    "US_DRIVER_LICENSE": kinds.DRIVER_LICENSE,
    "US_PASSPORT": kinds.PASSPORT,
    "NAME": kinds.PERSON,
    "PERSON_NAME": kinds.PERSON,
    "ID_NUMBER": kinds.ID_CARD,
    "LICENSE_PLATE": kinds.PLATE,
    "CAR_PLATE": kinds.PLATE,
    "PASSWORD": kinds.PASSCODE,
    "OTP": kinds.PASSCODE,
    "DATE_OF_BIRTH": kinds.BIRTH_DATE,
    "ORDER_NUMBER": kinds.ORDER,
    "ACCOUNT_NUMBER": kinds.ACCOUNT,
    "US_BANK_NUMBER": kinds.ACCOUNT,
}
_INTERCHANGEABLE = (
    *({kinds.ADDRESS, kinds.ZIP}, {kinds.BIRTH_DATE, "DATE_TIME"}),
    *({kinds.ID_CARD, kinds.LAST_DIGITS}, {kinds.US_SSN, kinds.LAST_DIGITS}),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A text and what is in it: (type, start, end); `scope` limits precision to one type."""

    text: str
    truth: tuple[tuple[str, int, int], ...]
    scope: str = ""


def labelled_files(path: Path) -> list[Path]:
    """The file itself, or every `*.json`, `*.jsonl` and `text.tsv` of a folder and its folders.

    Raises:
        SettingsError: A folder without any.
    """
    if path.is_file():
        return [path]
    kept = (".json", ".jsonl")
    files = [one for one in path.rglob("*") if one.suffix in kept or one.name == "text.tsv"]
    if not files:
        raise SettingsError(
            "no labelled personal data", str(path), "Give a file or folder with *.json or *.jsonl."
        )
    return sorted(files)


def load_labelled(path: Path) -> list[Labelled]:
    """Labelled texts from JSON (`full_text`, `spans`) or JSON lines (`text`, `entity`, `values`).

    A `.tsv` tells what was said in recordings: columns `ref` and `digit_runs`, runs separated by
    spaces; rows whose `arabic` is empty say an amount and hold nothing to hide.

    Raises:
        SettingsError: The file is in none of these forms.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        if path.suffix == ".tsv":
            return [_spoken(row) for row in csv.DictReader(text.splitlines(), delimiter="\t")]
        if text.lstrip().startswith("["):
            rows = json.loads(text)
        else:
            rows = [json.loads(line) for line in text.splitlines() if line.strip()]
        return [_labelled(row) for row in rows]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SettingsError(
            f"not labelled personal data ({type(error).__name__})",
            str(path),
            'Give JSON [{"full_text", "spans"}] or lines of {"text", "entity", "values"}.',
        ) from error


def _spoken(row: Mapping[str, str]) -> Labelled:
    runs = row["digit_runs"].split() if row["arabic"].strip() else []
    return Labelled(text=row["ref"], truth=tuple(_places(row["ref"], ANY_TYPE, runs)))


def _labelled(row: Mapping[str, Any]) -> Labelled:
    if "values" in row:
        spans = list(_places(row["text"], row["entity"], row["values"]))
        return Labelled(text=row["text"], truth=tuple(spans), scope=row["entity"])
    spans = [
        (
            str(span.get("entity_type") or span["type"]),
            int(span.get("start_position", span.get("start", 0))),
            int(span.get("end_position", span.get("end", 0))),
        )
        for span in row["spans"]
    ]
    return Labelled(text=row.get("full_text") or row["text"], truth=tuple(spans))


def _places(text: str, kind: str, values: Sequence[str]) -> Iterator[tuple[str, int, int]]:
    position = 0
    for value in values:
        at = text.find(value, position)
        start = at if at >= 0 else text.index(value)
        position = start + len(value)
        yield kind, start, position


def check_privacy(cases: Iterable[Labelled], *, language: str = "") -> dict[str, Any]:
    """Recall and precision by type over `cases`, and the share of digit strings made unreadable.

    A true span is recalled when more than half of its letters and digits are covered by spans of
    its type (`covered`: by any type). A found span is right when it touches a true span of its
    type. Types that no recogniser looks for (organisations, titles) stand with recall only.
    """
    counts: dict[str, Counter[str]] = {}
    digits = Counter[str]()
    for case in cases:
        found = detect(case.text, language=language)
        for kind, start, end in case.truth:
            _count_truth(counts, digits, case, found, (kind, start, end))
        for one in found:
            if case.scope in ("", "ANY") or same_type(case.scope, one.type):
                right = any(
                    same_type(kind, one.type) and one.start < end and one.end > start
                    for kind, start, end in case.truth
                )
                row = counts.setdefault(one.type, Counter())
                row["found"] += 1
                row["right"] += right
    return {"types": _rows(counts), "digit_strings": _shares(digits)}


def _count_truth(
    counts: dict[str, Counter[str]],
    digits: Counter[str],
    case: Labelled,
    found: Sequence[Found],
    truth: tuple[str, int, int],
) -> None:
    kind, start, end = truth
    row = counts.setdefault(_NAMES.get(kind, kind), Counter())
    row["true"] += 1
    row["recalled"] += _is_covered(
        case.text, start, end, [f for f in found if same_type(kind, f.type)]
    )
    row["covered"] += _is_covered(case.text, start, end, found)
    value = case.text[start:end]
    if kind != "DATE_TIME" and sum(len(group.digits) for group in digit_groups(fold(value))) >= 6:
        digits["true"] += 1
        digits["hidden"] += readable_digits(case.text, found, start, end) <= READABLE_DIGITS


def same_type(label: str, kind: str) -> bool:
    """True when a label of a data set and one of our types mean the same."""
    if label == ANY_TYPE:
        return True
    ours = _NAMES.get(label, label)
    return ours == kind or any({ours, kind} <= group for group in _INTERCHANGEABLE)


def _is_covered(text: str, start: int, end: int, found: Sequence[Found]) -> bool:
    places = [at for at in range(start, end) if text[at].isalnum()]
    hidden = sum(any(one.start <= at < one.end for one in found) for at in places)
    return hidden * 2 > len(places)


def readable_digits(text: str, found: Sequence[Found], start: int = 0, end: int = -1) -> int:
    """The most consecutive digits of `text[start:end]` that no span covers."""
    stop = len(text) if end < 0 else end
    longest = run = 0
    for group in digit_groups(fold(text)):
        if group.end <= start or group.start >= stop:
            continue
        hidden = any(one.start < group.end and one.end > group.start for one in found)
        per_place = len(group.digits) == group.end - group.start
        if not hidden:
            run += len(group.digits)
        elif per_place:
            for at in range(group.start, group.end):
                run = 0 if any(one.start <= at < one.end for one in found) else run + 1
                longest = max(longest, run)
        else:
            run = 0
        longest = max(longest, run)
    return longest


def _rows(counts: Mapping[str, Counter[str]]) -> list[dict[str, Any]]:
    return [
        {
            "type": kind,
            "true": row["true"],
            "found": row["found"],
            "recall": _ratio(row["recalled"], row["true"]),
            "covered": _ratio(row["covered"], row["true"]),
            "precision": _ratio(row["right"], row["found"]),
        }
        for kind, row in sorted(counts.items())
    ]


def _shares(digits: Counter[str]) -> dict[str, Any]:
    return {"true": digits["true"], "recall": _ratio(digits["hidden"], digits["true"])}


def _ratio(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
