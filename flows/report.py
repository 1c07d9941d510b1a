"""The night in words: for the terminal, for Prefect's artifact, for the operator's page."""

from __future__ import annotations

from collections.abc import Sequence

from flows.night import Counts
from qa.store import Problem
from qa.store.closing import Closing

_SHOWN = 50
NO_CLOSING = Closing()


def speed(counts: Counts) -> float | None:
    """Real-time factor of a run: wall seconds per second of sound; None without sound."""
    return counts.wall_seconds / counts.audio_seconds if counts.audio_seconds else None


def night_markdown(
    source: str, counts: Counts, problems: Sequence[Problem], closing: Closing = NO_CLOSING
) -> str:
    """The night as Markdown: numbers first, then what a person must do. No transcript text."""
    factor = speed(counts)
    lines = [
        f"# Night shift over `{source}`",
        "",
        "| " + " | ".join(counts.plain()) + " |",
        "|" + " --: |" * len(counts.plain()),
        "| " + " | ".join(f"{value:g}" for value in counts.plain().values()) + " |",
        "",
        f"Real-time factor: {factor:.3f}" if factor else "No sound was transcribed.",
        *_closing(closing),
    ]
    if problems:
        lines += ["", "## Open problems", "", "| stage | file | reason | what to do |", "|-|-|-|-|"]
        lines += [
            "| " + " | ".join(_cell(value) for value in row.values()) + " |"
            for row in problem_rows(problems[:_SHOWN])
        ]
    return "\n".join(lines)


def _closing(found: Closing) -> list[str]:
    lines = [f"- {found.expired} undecided disputes expired"] if found.expired else []
    lines += [f"- the machine's verdict lost trust: `{change}`" for change in found.demoted]
    lines += [f"- audit head `{found.audit_head}`"] if found.audit_head else []
    return ["", *lines] if lines else []


def problem_rows(problems: Sequence[Problem]) -> list[dict[str, str]]:
    """One row per problem: stage, file, reason, remedy."""
    return [
        {
            "stage": problem.stage,
            "file": problem.uri.rsplit("/", 1)[-1],
            "reason": problem.message,
            "what to do": problem.remedy,
        }
        for problem in problems
    ]


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")
