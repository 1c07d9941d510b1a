"""Phrase banks on dialogues of strangers, against their labels: `python tests/benchmarks/text_corpora.py`.

For each label: in which share of the turns that carry it a bank for it is found, and in which share
of the turns without it. Customers' turns are searched as if an agent had said them, since these
corpora label whoever greets. The last rows are phrases only agents use, by who is speaking.
"""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from qa.calls import Role
from scoring.matching import PhraseMatcher, default_matcher

DATA = Path(os.environ.get("QA_EVAL_DATA", "../shared/data")) / "text"
FULL = {"award", "deduct", "signal"}
#: Corpus → label → the banks that mean it.
BANKS = {
    "crosswoz": {"greet": {"G1"}, "thank": {"E3", "X3"}, "welcome": {"E3"}, "bye": {"X3"}},
    "multidogo": {
        "openinggreeting": {"G1"},
        "thankyou": {"E3", "X3", "H2"},
        "closinggreeting": {"X3"},
    },
    "harper valley": {
        "gridspace_greeting": {"G1", "G2", "G3", "G4"},
        "gridspace_open_question": {"G4", "X2"},
        "gridspace_closing": {"X2", "X3"},
        "gridspace_thanks": {"E3", "X3", "H2"},
    },
}
AGENTS_ONLY = {"G2", "G3", "G4", "C1", "C2", "H1", "R1", "R3", "X2", "X4"}


class Line(NamedTuple):
    corpus: str
    language: str
    agent: bool
    text: str
    labels: frozenset[str]


def lines() -> Iterator[Line]:
    for row in map(json.loads, (DATA / "crosswoz_turns.jsonl").open(encoding="utf-8")):
        labels = frozenset(act[1] for act in row["dialog_act"] if act[0] == "General")
        yield Line("crosswoz", "zh", row["role"] == "agent", row["text"], labels)
    for row in map(json.loads, (DATA / "harper_valley_turns.jsonl").open(encoding="utf-8")):
        agent, labels = row["speaker_role"] == "agent", frozenset(row["dialog_acts"])
        yield Line("harper valley", "en", agent, row["human_transcript"], labels)
    for path in sorted(DATA.glob("multidogo_*.tsv")):
        with path.open(encoding="utf-8") as file:
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                yield Line(
                    "multidogo",
                    "en",
                    False,
                    row["utterance"] or "",
                    frozenset({row["intent"] or ""}),
                )


def found(line: Line, matcher: PhraseMatcher) -> set[str]:
    hits = matcher.hits(line.text, language=line.language, side=Role.AGENT)
    return {hit.bank for hit in hits if hit.effect in FULL}


def share(chosen: list[bool]) -> str:
    if not chosen:
        return "–"
    return f"{sum(chosen) / len(chosen):.1%} ({sum(chosen)} of {len(chosen)})"


def main() -> None:
    matcher = default_matcher()
    everything = [(line, found(line, matcher)) for line in lines()]
    print("| corpus | label | found where labelled | found elsewhere |\n|---|---|--:|--:|")
    for corpus, labels in BANKS.items():
        own = [(line, hits) for line, hits in everything if line.corpus == corpus]
        for label, banks in labels.items():
            yes = [bool(hits & banks) for line, hits in own if label in line.labels]
            no = [bool(hits & banks) for line, hits in own if label not in line.labels]
            print(f"| {corpus} | {label} | {share(yes)} | {share(no)} |")
    print("\n| corpus | agents' phrases in agents' turns | in customers' turns |\n|---|--:|--:|")
    for corpus in BANKS:
        own = [(line, hits) for line, hits in everything if line.corpus == corpus]
        said = {
            agent: share([bool(hits & AGENTS_ONLY) for line, hits in own if line.agent == agent])
            for agent in (True, False)
        }
        print(f"| {corpus} | {said[True]} | {said[False]} |")


if __name__ == "__main__":
    main()
