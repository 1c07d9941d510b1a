"""Agreement figures against hand-worked tables and other people's implementations."""

import math

import krippendorff
import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from qa.review.agreement import (
    JUDGED,
    OUTCOMES,
    agreement,
    cohen_kappa,
    is_firm,
    krippendorff_alpha,
)


def spread(counts):
    """Counts as two lists of labels."""
    pairs = [pair for pair, n in counts.items() for _ in range(n)]
    return [a for a, _ in pairs], [b for _, b in pairs]


#: Cohen's worked table: 20 and 15 on the diagonal, 5 and 10 off it; po 0.70, pe 0.50, kappa 0.40.
TEXTBOOK = {
    ("met", "met"): 20,
    ("met", "missed"): 5,
    ("missed", "met"): 10,
    ("missed", "missed"): 15,
}
MIXED = {
    ("met", "met"): 61,
    ("met", "partial"): 7,
    ("met", "missed"): 2,
    ("partial", "met"): 4,
    ("partial", "partial"): 9,
    ("missed", "missed"): 13,
    ("missed", "not_applicable"): 6,
    ("not_applicable", "not_applicable"): 22,
    ("not_applicable", "met"): 3,
    ("not_evaluable", "met"): 5,
}


def test_kappa_of_the_textbook_table():
    found = agreement(TEXTBOOK)
    assert found.kappa.value == pytest.approx(0.4)
    assert found.raw.value == pytest.approx(0.7)
    assert found.pabak.value == pytest.approx(0.4)
    assert found.n == 50


@pytest.mark.parametrize(
    ("categories", "quadratic", "weights"),
    [(OUTCOMES, False, None), (JUDGED, False, None), (JUDGED, True, "quadratic")],
)
def test_kappa_agrees_with_scikit_learn(categories, quadratic, weights):
    kept = {p: n for p, n in MIXED.items() if p[0] in categories and p[1] in categories}
    wanted = cohen_kappa_score(*spread(kept), labels=list(categories), weights=weights)
    found = cohen_kappa(MIXED, categories, quadratic=quadratic)
    assert found.value == pytest.approx(wanted)
    assert found.low < found.value < found.high


def test_the_bootstrap_interval_is_as_wide_as_theory_says():
    """Po .90 and pe .60 give kappa .75 with a half-width near .15 at n = 100 (Cohen 1960)."""
    counts = {
        ("met", "met"): 68,
        ("met", "missed"): 5,
        ("missed", "met"): 5,
        ("missed", "missed"): 22,
    }
    found = agreement(counts).kappa
    chance = 0.73**2 + 0.27**2
    error = math.sqrt(0.9 * 0.1 / 100) / (1 - chance)
    assert (found.high - found.low) / 2 == pytest.approx(1.96 * error, rel=0.25)
    assert agreement(counts) == agreement(counts)


def test_precision_and_recall_of_violations_by_hand():
    found = agreement(MIXED)
    # named by the machine: partial 13, missed 19; of these people saw partial 9 and missed 13
    assert (found.precision.n, found.precision.value) == (32, pytest.approx(22 / 32))
    # seen by people: 7 + 2 + 9 + 13
    assert (found.recall.n, found.recall.value) == (31, pytest.approx(22 / 31))


def test_not_applicable_is_a_confusion_of_its_own_and_abstaining_is_no_opinion():
    found = agreement(MIXED)
    assert (found.na_both, found.na_missed, found.na_wrong) == (22, 6, 3)
    assert found.abstained == 5
    assert found.n == sum(MIXED.values()) - 5


@pytest.mark.parametrize(
    ("counts", "kappa"),
    [({}, None), ({("met", "met"): 40}, None), ({("met", "missed"): 3, ("missed", "met"): 3}, -1)],
)
def test_kappa_where_it_is_not_defined_or_at_its_worst(counts, kappa):
    found = agreement(counts).kappa
    assert found is None if kappa is None else found.value == pytest.approx(kappa)


def test_little_data_is_called_not_enough():
    assert not agreement({("met", "met"): 12, ("missed", "met"): 2}).is_enough
    assert agreement({("met", "met"): 120, ("missed", "met"): 12}).is_enough
    assert not is_firm(None)


RATERS = [
    ["met", "missed", None, "partial", "met", "missed", "met", None],
    ["met", "missed", "partial", "partial", "met", "met", "met", "missed"],
    [None, "missed", "partial", "met", "met", "missed", None, "missed"],
]


@pytest.mark.parametrize("ordinal", [False, True])
def test_alpha_agrees_with_the_reference_package_with_gaps(ordinal):
    found = krippendorff_alpha(RATERS, JUDGED, ordinal=ordinal, resamples=50)
    codes = np.array([[np.nan if x is None else JUDGED.index(x) for x in row] for row in RATERS])
    level = "ordinal" if ordinal else "nominal"
    wanted = krippendorff.alpha(
        reliability_data=codes, level_of_measurement=level, value_domain=[0, 1, 2]
    )
    assert found.value == pytest.approx(wanted)
    assert found.n == 8
    assert found.low <= found.value <= found.high


def test_alpha_of_the_published_example():
    """Krippendorff 2011, "Computing Krippendorff's alpha-reliability", example C: 0.743."""
    data = [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
        [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
    ]
    named = [[None if x is None else f"c{x}" for x in row] for row in data]
    found = krippendorff_alpha(named, ["c1", "c2", "c3", "c4", "c5"], resamples=20)
    assert found.value == pytest.approx(0.743, abs=0.001)


@pytest.mark.parametrize("ratings", [[], [["met"], ["met"]], [["met", "met"], ["met", "met"]]])
def test_alpha_where_nothing_can_be_said(ratings):
    assert krippendorff_alpha(ratings, JUDGED) is None
