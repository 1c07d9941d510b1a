"""Tables of `pipeline.py`: errors and speaker separation by set, time by layout and stage."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

Row = dict[str, Any]
_CHAINS = ("ours", "reference", "mixed", "batched")


def show(rows: Sequence[Row], *, cores: int) -> None:
    """Print every table, over recordings that `ours` and the chain beside it both heard."""
    if not rows:
        print("nothing gathered yet")
        return
    load = sum(row["load"] for row in rows) / len(rows)
    print(f"{len(rows)} runs at a mean load of {load:.1f} on {cores} cores\n")
    _errors(rows)
    _separation(rows)
    _time(rows, cores)
    _roles([row for row in rows if row["chain"] == "ours"])
    print("peak memory of the run: " + ", ".join(
        f"{chain} {max((r['peak_mb'] for r in rows if r['chain'] == chain), default=0)} MB"
        for chain in _CHAINS))  # fmt: skip


def _errors(rows: Sequence[Row]) -> None:
    print(
        "| set | language | ours | reference | mixed | batched "
        "| ours, by speaker | reference, by speaker | mixed, by speaker |"
    )
    print("|---|---|--:|--:|--:|--:|--:|--:|--:|")
    for (group, language), found in _grouped(rows, lambda r: (r["group"], r["language"])):
        if not any(row["errors"] for row in found):
            continue
        cells = [_rate(_of(found, chain, "errors"), "errors") for chain in _CHAINS]
        cells += [_rate(_of(found, chain, "attributed"), "attributed") for chain in _CHAINS[:3]]
        print(f"| {group} | {language} | " + " | ".join(cells) + " |")
    print()


def _separation(rows: Sequence[Row]) -> None:
    print("| set | layout | chain | DER | missed | false alarm | confusion | JER |")
    print("|---|---|---|--:|--:|--:|--:|--:|")
    for (group, layout), found in _grouped(rows, lambda r: (r["group"], r["layout"])):
        for chain in _CHAINS[:3]:
            parts = [row["separation"] for row in _of(found, chain, "separation")]
            speech = sum(part["speech_s"] for part in parts)
            if not speech:
                continue
            shares = [
                sum(part[key] for part in parts) / speech
                for key in ("missed_s", "false_alarm_s", "confusion_s")
            ]
            cells = [sum(shares), *shares, sum(part["jer"] for part in parts) / len(parts)]
            figures = " | ".join(f"{cell:.3f}" for cell in cells)
            print(f"| {group} | {layout} | {chain} | {figures} |")
    print()


def _time(rows: Sequence[Row], cores: int) -> None:
    """Real-time factors: processor seconds ÷ cores, and wall seconds, per second of sound."""
    print("| layout | chain | seconds | processor ÷ cores | wall | × reference | by stage |")
    print("|---|---|--:|--:|--:|--:|---|")
    calls = [row for row in rows if row["seconds"] >= 20]
    for layout, found in _grouped(calls, lambda r: r["layout"]):
        heard = {chain: {(r["group"], r["file"]) for r in _of(found, chain)} for chain in _CHAINS}
        both = heard["ours"] & heard["reference"] or heard["ours"]
        whole: dict[str, float] = {}
        for chain in _CHAINS:
            own = [r for r in _of(found, chain) if (r["group"], r["file"]) in both]
            seconds = sum(row["seconds"] for row in own)
            if not seconds:
                continue
            stages: dict[str, float] = {}
            for row in own:
                for stage, spent in row["cpu"].items():
                    stages[stage] = stages.get(stage, 0) + spent / 1000 / cores / seconds
            whole[chain] = sum(stages.values())
            wall = sum(row["wall_s"] for row in own) / seconds
            ratio = whole.get("ours", 0) and whole[chain] / whole["ours"]
            detail = ", ".join(f"{stage} {spent:.4f}" for stage, spent in stages.items())
            print(f"| {layout} | {chain} | {seconds:.0f} | {whole[chain]:.4f} | {wall:.4f} | "
                  f"{ratio:.2f} | {detail} |")  # fmt: skip
    print()


def _roles(rows: Sequence[Row]) -> None:
    judged = [row for row in rows if row["role_right"] is not None]
    right = sum(row["role_right"] for row in judged)
    print(f"roles: {right} of {len(judged)} calls right; wrong: "
          f"{[(r['file'], r['role_confidence']) for r in judged if not r['role_right']]}")  # fmt: skip
    print("| grade | calls | characters or words wrong | mean confidence |")
    print("|---|--:|--:|--:|")
    for grade, found in _grouped([row for row in rows if row["errors"]], lambda r: r["grade"]):
        pairs = [pair for row in found for pair in row["confidences"]]
        mean = sum(c for c, _ in pairs) / max(len(pairs), 1)
        print(f"| {grade} | {len(found)} | {_rate(found, 'errors')} | {mean:.2f} |")
    print()


def _of(rows: Iterable[Row], chain: str, key: str = "") -> list[Row]:
    return [row for row in rows if row["chain"] == chain and (not key or row[key])]


def _rate(rows: Sequence[Row], key: str) -> str:
    units = sum(row[key]["units"] for row in rows)
    wrong = sum(
        row[key][kind] for row in rows for kind in ("substitutions", "insertions", "deletions")
    )
    return f"{wrong / units:.3f}" if units else ""


def _grouped(rows: Sequence[Row], key: Callable[[Row], Any]) -> list[tuple[Any, list[Row]]]:
    groups: dict[Any, list[Row]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return sorted(groups.items(), key=lambda pair: str(pair[0]))
