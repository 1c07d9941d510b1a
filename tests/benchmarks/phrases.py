"""Phrase banks measured: recall, false hits and speed, as tables for RESULTS.md.

    python tests/benchmarks/phrases.py [--json FILE]

Columns per bank and language: recall on its own phrases, on wordings used while writing frames
(dev) and on wordings never looked at (held out); deductions or signals on hard negatives; and the
share of other banks' sentences on the same side that hit it.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from ruamel.yaml import YAML

from qa.calls import Role
from scoring.matching import BankKind, PhraseMatcher, default_matcher

DATA = Path(__file__).parent.parent / "scoring" / "matching" / "data"
LANGUAGES = ("zh", "en")
FULL = {"award", "deduct", "signal"}


def load(name: str) -> dict:
    return YAML(typ="safe").load((DATA / name).read_text("utf-8"))


def found(matcher: PhraseMatcher, text: str, language: str, side: Role) -> dict[str, set[str]]:
    """Bank → effects of one sentence."""
    effects: dict[str, set[str]] = {}
    for hit in matcher.hits(text, language=language, side=side):
        effects.setdefault(hit.bank, set()).add(hit.effect)
    return effects


def share(part: int, whole: int) -> str:
    return f"{part}/{whole}" if whole else "–"


class Bench:
    def __init__(self, matcher: PhraseMatcher) -> None:
        self.matcher = matcher
        self.sets = {
            "phrases": {name: bank.phrases for name, bank in matcher.banks.items()},
            "dev": load("paraphrases-dev.yaml"),
            "held out": load("paraphrases-held-out.yaml"),
        }

    def recall(self, which: str, bank: str, language: str) -> tuple[int, int]:
        side = self.matcher.banks[bank].side
        texts = self.sets[which][bank][language]
        hits = [bool(found(self.matcher, t, language, side).get(bank, set()) & FULL) for t in texts]
        return sum(hits), len(hits)

    def negatives(self, bank: str, language: str) -> tuple[int, int]:
        entry = self.matcher.banks[bank]
        texts = list(entry.hard_negatives.get(language, ()))
        if entry.kind is BankKind.FORBIDDEN:
            texts += load("hard-negatives-dev.yaml")[language]
            texts += load("hard-negatives-held-out.yaml")[language]
        side = entry.side
        wrong = [
            bool(found(self.matcher, t, language, side).get(bank, set()) & {"deduct", "signal"})
            for t in texts
        ]
        return sum(wrong), len(wrong)

    def others(self, bank: str, language: str) -> tuple[int, int]:
        entry = self.matcher.banks[bank]
        hits = total = 0
        for which in self.sets.values():
            for name, by_language in which.items():
                if name == bank or self.matcher.banks[name].side is not entry.side:
                    continue
                for text in by_language[language]:
                    total += 1
                    effects = found(self.matcher, text, language, entry.side).get(bank, set())
                    hits += bool(effects & FULL)
        return hits, total

    def rows(self) -> Iterator[dict[str, object]]:
        for bank, entry in self.matcher.banks.items():
            for language in LANGUAGES:
                row: dict[str, object] = {"bank": bank, "kind": entry.kind, "language": language}
                for which in self.sets:
                    row[which] = self.recall(which, bank, language)
                row["hard negatives"] = self.negatives(bank, language)
                row["other banks"] = self.others(bank, language)
                yield row


def table(rows: Iterable[dict]) -> Iterator[str]:
    yield "| Bank | Lang | Phrases | Dev wordings | Held-out wordings | Hard negatives hit | Other banks' sentences hit |"
    yield "|---|---|---|---|---|---|---|"
    for row in rows:
        hit, total = row["other banks"]
        yield (
            f"| {row['bank']} | {row['language']} | {share(*row['phrases'])} | {share(*row['dev'])}"
            f" | {share(*row['held out'])} | {share(*row['hard negatives'])}"
            f" | {hit}/{total} ({100 * hit / total:.1f} %) |"
        )


def summary(rows: list[dict]) -> Iterator[str]:
    yield "| Kind | Lang | Phrases | Dev wordings | Held-out wordings | Other-bank hits |"
    yield "|---|---|---|---|---|---|"
    for kind in BankKind:
        for language in LANGUAGES:
            chosen = [r for r in rows if r["kind"] is kind and r["language"] == language]
            cells = []
            for column in ("phrases", "dev", "held out", "other banks"):
                hit, total = (sum(r[column][part] for r in chosen) for part in (0, 1))
                cells.append(f"{100 * hit / total:.1f} % ({hit}/{total})")
            yield f"| {kind} | {language} | {' | '.join(cells)} |"


def good_sentences(bench: Bench) -> Iterator[str]:
    """How many good service sentences get any deduction at all."""
    for name in ("hard-negatives-dev.yaml", "hard-negatives-held-out.yaml"):
        for language in LANGUAGES:
            texts = load(name)[language]
            wrong = sum(
                any("deduct" in e for e in found(bench.matcher, t, language, Role.AGENT).values())
                for t in texts
            )
            yield f"- {name} {language}: {wrong} of {len(texts)} sentences get a deduction"


def speed(matcher: PhraseMatcher, repeats: int = 7) -> Iterator[str]:
    """All banks over a call of 60 turns, caches emptied before every pass; the best pass counts."""
    sets = load("paraphrases-dev.yaml")
    for language, joint in (("zh", "，"), ("en", ", ")):
        agent = [t for b, by in sets.items() if not b.startswith("K") for t in by[language]]
        customer = [t for b, by in sets.items() if b.startswith("K") for t in by[language]]
        turns = [(joint.join(agent[i : i + 3]), Role.AGENT) for i in range(0, 90, 3)]
        turns += [(joint.join(customer[i : i + 2]), Role.CUSTOMER) for i in range(0, 60, 2)]
        best = float("inf")
        for _ in range(repeats):
            matcher._scan.cache_clear()  # the cost of unseen texts is the question
            begin = time.process_time()
            for text, side in turns:
                matcher.hits(text, language=language, side=side)
            best = min(best, time.process_time() - begin)
        units = sum(len(text) for text, _ in turns)
        yield f"- {language}: {1000 * best:.1f} ms for {len(turns)} turns, {units} characters"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, help="also write the rows here")
    options = parser.parse_args()
    begin = time.process_time()
    matcher = default_matcher()
    loaded = time.process_time() - begin
    bench = Bench(matcher)
    rows = list(bench.rows())
    print(f"Lexicon {matcher.digest}, {platform.machine()}, Python {platform.python_version()}\n")
    print("\n".join(summary(rows)), end="\n\n")
    print("\n".join(good_sentences(bench)), end="\n\n")
    print(f"Speed, one thread (lexicon loaded in {loaded:.1f} s):")
    print("\n".join(speed(matcher)), end="\n\n")
    print("\n".join(table(rows)))
    if options.json:
        options.json.write_text(json.dumps(rows, ensure_ascii=False, indent=1), "utf-8")


if __name__ == "__main__":
    main()
