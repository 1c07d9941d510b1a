"""The editor can show and start every kind of rule, in words of both languages."""

import pytest
from pydantic import BaseModel

from dashboards.editor.form import LABELS
from dashboards.editor.shapes import Shape, fields_of, kinds, seed_rule
from dashboards.texts import LANGUAGES, catalogue
from scoring.criteria.windows import Window
from scoring.loader import load_scorecard
from scoring.scorecard import Criterion


def all_models():
    found: set[type[BaseModel]] = set()
    waiting: list[type[BaseModel]] = [*kinds().values(), Window, Criterion]
    while waiting:
        model = waiting.pop()
        if model not in found:
            found.add(model)
            waiting += [field.part for field in fields_of(model) if field.part]
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_field_and_choice_has_words(language):
    known = catalogue(language)
    fields = [field for model in all_models() for field in fields_of(model)]
    needed = {f"rule_kind.{kind}" for kind in kinds()} | {f"rule_help.{kind}" for kind in kinds()}
    needed |= {f"rule_field.{field.name}" for field in fields}
    choices = {choice for field in fields for choice in field.choices if choice}
    needed |= {f"rule_choice.{choice}" for choice in choices - LABELS}
    assert sorted(needed - known.keys()) == []


def test_only_labels_of_examples_are_left_to_the_file():
    others = [f.name for m in all_models() for f in fields_of(m) if f.shape is Shape.OTHER]
    assert others == ["facts"]


@pytest.mark.parametrize("kind", list(kinds()))
def test_a_new_rule_has_the_required_fields_and_no_others(kind):
    made = seed_rule(kind)
    required = {field.name for field in fields_of(kinds()[kind]) if field.required}
    assert made.keys() == {"kind", *required}


@pytest.mark.parametrize(
    ("kind", "name", "shape"),
    [
        ("phrase", "banks", Shape.BANKS),
        ("phrase", "match", Shape.CHOICE),
        ("phrase", "texts", Shape.PHRASES),
        ("regex", "pattern", Shape.PATTERNS),
        ("silence", "over_s", Shape.NUMBER),
        ("all", "rules", Shape.RULES),
        ("not", "rule", Shape.RULE),
        ("each", "of", Shape.RULE),
        ("ladder", "rungs", Shape.PARTS),
        ("question", "in_one_turn", Shape.YES_NO),
        ("paraphrase", "bank", Shape.BANK),
        ("event", "of", Shape.MANY),
        ("jargon", "window", Shape.WINDOW),
    ],
)
def test_fields_get_the_form_they_need(kind, name, shape):
    assert {f.name: f.shape for f in fields_of(kinds()[kind])}[name] is shape


def test_numbers_know_their_bounds():
    fields = {f.name: f for f in fields_of(kinds()["silence"])}
    assert (fields["share_over"].low, fields["share_over"].high) == (0, 1)


def test_every_rule_of_the_standard_uses_a_known_kind():
    card = load_scorecard("service-standard")
    assert {item.rule.kind for _, item in card.criteria()} <= kinds().keys()
