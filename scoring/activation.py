"""From draft to active: checked, copied into the site's folder, and never changed again."""

from __future__ import annotations

from pathlib import Path

from qa.errors import ScorecardError
from scoring.lint import lint_file
from scoring.loader import load_scorecard
from scoring.matching import PhraseMatcher


def activate(path: str | Path, folder: str | Path, *, matcher: PhraseMatcher) -> Path:
    """Make a draft one of the site's scorecards; returns where it now lives.

    The file keeps its name and content under `ID@VERSION.yaml`. Activating the same content again
    does nothing.

    Args:
        path: The draft.
        folder: The site's scorecard folder (`scoring.folder`).
        matcher: Knows the phrase banks, for the checks and examples.

    Raises:
        ScorecardError: The draft has errors, an example fails, or this version is active with
            other content: an active version is immutable, evaluations refer to it.
    """
    found = [problem for problem in lint_file(path, matcher=matcher) if problem.severity == "error"]
    if found:
        listed = "\n".join(str(problem) for problem in found)
        raise ScorecardError(f"{len(found)} problems\n{listed}", str(path), "correct them first")
    card = load_scorecard(path)
    target = Path(folder) / f"{card.id}@{card.version}.yaml"
    content = Path(path).read_bytes()
    if target.exists():
        if target.read_bytes() == content:
            return target
        raise ScorecardError(
            f"version {card.version} is active with other content",
            str(target),
            "give the draft a new version",
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    target.chmod(0o444)
    return target
