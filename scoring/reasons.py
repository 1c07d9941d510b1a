"""Why customers get in touch: an editable taxonomy, its Pareto, and product words with quotes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from qa import codec
from qa.errors import ScorecardError
from qa.evaluation import Bilingual
from qa.transcript import Transcript
from scoring.categories import OTHER, Category, Sorted, parse_categories, sort_call
from scoring.encoder import Encoder

OTHER_TITLE = Bilingual(zh="其他", en="Other")


@cache
def default_reasons() -> tuple[Category, ...]:
    """The shipped taxonomy."""
    source = files("scoring").joinpath("taxonomy", "reasons.yaml")
    return parse_categories(source.read_text("utf-8"), key="reasons", place="taxonomy/reasons.yaml")


def load_reasons(path: Path) -> tuple[Category, ...]:
    """A site's own taxonomy.

    Raises:
        ScorecardError: The file cannot be read or a reason is not valid.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ScorecardError(f"cannot be read: {error}", str(path), "give a UTF-8 file") from error
    return parse_categories(text, key="reasons", place=str(path))


def site_reasons(file: str) -> tuple[Category, ...]:
    """The taxonomy a site has named, else the shipped one.

    Raises:
        ScorecardError: The file cannot be read or a reason is not valid.
    """
    return load_reasons(Path(file)) if file else default_reasons()


def reasons_digest(reasons: Sequence[Category]) -> str:
    """Identity of a taxonomy: ids, titles, words and examples."""
    return codec.digest(repr(reasons))


def contact_reason(
    transcript: Transcript,
    *,
    reasons: Sequence[Category] | None = None,
    encoder: Encoder | None = None,
) -> Sorted:
    """Why the customer got in touch, or `other`; quotes say what spoke for it."""
    return sort_call(transcript, default_reasons() if reasons is None else reasons, encoder=encoder)


def title_of(reason: str, reasons: Sequence[Category] | None = None) -> Bilingual:
    """The title of a reason; unknown ids (of an older taxonomy) are shown as they are."""
    if reason == OTHER:
        return OTHER_TITLE
    known = default_reasons() if reasons is None else reasons
    found = {item.id: item.title for item in known}
    return found.get(reason, Bilingual(zh=reason, en=reason))


@dataclass(frozen=True, slots=True, kw_only=True)
class ParetoRow:
    """One bar of the Pareto: how often, and what share it and all before it make up."""

    reason: str
    calls: int
    share: float
    running: float


def pareto(reasons: Iterable[str]) -> tuple[ParetoRow, ...]:
    """Reasons by frequency with running share; `other` always stands last, whatever its size."""
    counts = Counter(reasons)
    total = sum(counts.values())
    order = sorted(counts, key=lambda name: (name == OTHER, -counts[name], name))
    rows, running = [], 0
    for name in order:
        running += counts[name]
        rows.append(
            ParetoRow(
                reason=name,
                calls=counts[name],
                share=round(counts[name] / total, 4),
                running=round(running / total, 4),
            )
        )
    return tuple(rows)
