"""Arithmetic of half-open time ranges `(start_ms, end_ms)`. Every result is sorted and disjoint."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Range = tuple[int, int]


def union(ranges: Iterable[Range], *, bridge_ms: int = 0) -> list[Range]:
    """Merge ranges that overlap, touch, or lie less than `bridge_ms` apart; empty ones vanish."""
    merged: list[Range] = []
    for start, end in sorted(r for r in ranges if r[0] < r[1]):
        if merged and (start <= merged[-1][1] or start - merged[-1][1] < bridge_ms):
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def intersect(left: Sequence[Range], right: Sequence[Range]) -> list[Range]:
    """What lies in both. Each side must be sorted and disjoint, as `union` returns it."""
    found: list[Range] = []
    i = j = 0
    while i < len(left) and j < len(right):
        start, end = max(left[i][0], right[j][0]), min(left[i][1], right[j][1])
        if start < end:
            found.append((start, end))
        if left[i][1] < right[j][1]:
            i += 1
        else:
            j += 1
    return found


def subtract(left: Sequence[Range], right: Sequence[Range]) -> list[Range]:
    """What lies in `left` and not in `right`. Each side must be sorted and disjoint."""
    if not left:
        return []
    return intersect(left, complement(right, (left[0][0], left[-1][1])))


def complement(ranges: Sequence[Range], within: Range) -> list[Range]:
    """The holes between sorted, disjoint `ranges` inside `within`."""
    edges = [within[0]]
    for start, end in intersect(ranges, [within]):
        edges += [start, end]
    edges.append(within[1])
    return [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if a < b]


def total(ranges: Iterable[Range]) -> int:
    """Added length in ms."""
    return sum(end - start for start, end in ranges)
