"""Arithmetic of half-open ranges, by table and against a millisecond grid."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.intervals import complement, intersect, subtract, total, union

UNIONS = [
    ([], 0, []),
    ([(5, 5), (7, 3)], 0, []),
    ([(0, 2), (2, 4)], 0, [(0, 4)]),
    ([(3, 9), (0, 4)], 0, [(0, 9)]),
    ([(0, 9), (2, 3)], 0, [(0, 9)]),
    ([(0, 2), (4, 6)], 0, [(0, 2), (4, 6)]),
    ([(0, 2), (4, 6)], 3, [(0, 6)]),
    ([(0, 2), (5, 6)], 3, [(0, 2), (5, 6)]),
]


@pytest.mark.parametrize(("ranges", "bridge", "expected"), UNIONS)
def test_union(ranges, bridge, expected):
    assert union(ranges, bridge_ms=bridge) == expected


RANGES = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 12)).map(lambda r: (r[0], r[0] + r[1])), max_size=8
)


def grid(ranges):
    return {ms for start, end in ranges for ms in range(start, end)}


def is_tidy(ranges):
    flat = [edge for pair in ranges for edge in pair]
    return flat == sorted(flat) and all(start < end for start, end in ranges)


@given(RANGES, RANGES)
def test_results_cover_exactly_the_right_milliseconds(left, right):
    one, other = union(left), union(right)
    assert grid(one) == grid(left)
    assert grid(intersect(one, other)) == grid(left) & grid(right)
    assert grid(subtract(one, other)) == grid(left) - grid(right)
    assert grid(complement(one, (10, 50))) == set(range(10, 50)) - grid(left)
    for found in (one, intersect(one, other), subtract(one, other), complement(one, (10, 50))):
        assert is_tidy(found)


@given(RANGES, RANGES)
def test_lengths_add_up(left, right):
    one, other = union(left), union(right)
    assert total(intersect(one, other)) + total(subtract(one, other)) == total(one)
