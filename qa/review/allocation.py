"""How many of a sample go to each stratum."""

from __future__ import annotations

from collections.abc import Mapping


def allocate(
    sizes: Mapping[str, int],
    total: int,
    *,
    floor: int = 1,
    spreads: Mapping[str, float | None] | None = None,
) -> dict[str, int]:
    """Places per stratum: a floor for each, the rest in proportion, never more than it holds.

    Args:
        sizes: Stratum → calls in it.
        total: Places to give out; when the floors need more, the floors win.
        floor: Least number per stratum, or all of a smaller one.
        spreads: Standard deviation per stratum: allocation ∝ size × spread (Neyman 1934). Unknown
            or zero spreads count as the mean of the known ones, so that no stratum is starved on
            the word of the machine alone.
    """
    given = {name: min(floor, size) for name, size in sizes.items()}
    weights = _weights(sizes, spreads)
    while (rest := min(total, sum(sizes.values())) - sum(given.values())) > 0:
        room = {name: size - given[name] for name, size in sizes.items() if size > given[name]}
        whole = sum(weights[name] for name in room)
        shares = {name: rest * weights[name] / whole for name in room}
        whole_parts = {name: min(int(share), room[name]) for name, share in shares.items()}
        if any(whole_parts.values()):
            for name, more in whole_parts.items():
                given[name] += more
            continue
        # largest remainder; ties by name, so that the order of rows does not matter
        for name in sorted(shares, key=lambda key: (-shares[key], key))[:rest]:
            given[name] += 1
    return given


def _weights(
    sizes: Mapping[str, int], spreads: Mapping[str, float | None] | None
) -> dict[str, float]:
    if spreads is None:
        return {name: float(size) for name, size in sizes.items()}
    known = [value for value in spreads.values() if value]
    usual = sum(known) / len(known) if known else 1.0
    return {name: size * (spreads.get(name) or usual) for name, size in sizes.items()}
