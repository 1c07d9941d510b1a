"""Forms for rules and parts of a scorecard, drawn from their shapes.

The edited data is plain (what the file holds) and is changed in place. Fields that have a default
appear only when set, so that a form shows what the rule says and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import streamlit as st
from pydantic import BaseModel

from dashboards.editor.shapes import (
    FieldShape,
    Shape,
    fields_of,
    kinds,
    seed,
    seed_part,
    seed_rule,
)
from scoring.criteria.labels import value_name
from scoring.criteria.windows import Window

Translate = Callable[..., str]
Plain = MutableMapping[str, Any]
#: Options that are labels of calls, whose words stand in `scoring.criteria.labels`.
LABELS = frozenset({"inbound", "outbound", "internal", "zh", "en"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What every field of a form needs.

    Attributes:
        t: Interface texts.
        language: `zh` or `en`: the one of two names that is shown.
        banks: Phrase bank id → label.
        anchors: Names of the scorecard's moments.
        prefix: Start of every widget key; another one makes widgets read the data afresh.
        changed: Called after rows or fields came or went.
        hidden: Fields that are not to be changed: results refer to them.
    """

    t: Translate
    language: str
    banks: Mapping[str, str]
    anchors: Sequence[str]
    prefix: str
    changed: Callable[[], None]
    hidden: frozenset[str] = frozenset({"id"})


def rule_form(form: Form, holder: Any, name: Any, path: str) -> None:
    """The form of the rule at `holder[name]`: its kind, then its fields."""
    rule = holder[name]
    if isinstance(rule, str):  # a named moment in place of a rule
        holder[name] = _pick(form, form.t("editor.moment"), list(form.anchors), rule, path)
        return
    names = list(kinds())
    left, right = st.columns([2, 3], vertical_alignment="bottom")
    kind = left.selectbox(
        form.t("editor.kind"),
        names,
        index=names.index(rule["kind"]),
        format_func=lambda item: form.t(f"rule_kind.{item}"),
        key=f"{form.prefix}{path}.kind",
    )
    right.caption(form.t(f"rule_help.{kind}"))
    if kind != rule["kind"]:
        kept = {key: rule[key] for key in ("side", "window") if key in rule}
        holder[name] = {**seed_rule(kind), **_carried(rule, kind), **kept}
        form.changed()
    part_form(form, kinds()[kind], holder[name], path)


def _carried(rule: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """What of a rule still has a meaning in another kind; a rule becomes the part of a group."""
    wanted = {field.name: field.shape for field in fields_of(kinds()[kind])}
    if wanted.get("rules") is Shape.RULES and "rules" not in rule:
        return {"rules": [dict(rule)]}
    if wanted.get("rule") is Shape.RULE and "rule" not in rule:
        return {"rule": dict(rule)}
    before = {field.name: field.shape for field in fields_of(kinds()[str(rule["kind"])])}
    return {
        name: rule[name]
        for name, shape in wanted.items()
        if name in rule and before.get(name) is shape
    }


def part_form(form: Form, model: type[BaseModel], value: Plain, path: str) -> None:
    """The fields of a part: required ones and those that are set; the rest can be added."""
    free: list[FieldShape] = []
    for field in fields_of(model):
        if field.name in form.hidden:
            continue
        if field.required or field.name in value:
            value.setdefault(field.name, seed(field))
            _row(form, field, value, f"{path}.{field.name}")
        elif field.shape is not Shape.OTHER:
            free.append(field)
    if not free:
        return
    labels = {field.name: form.t(f"rule_field.{field.name}") for field in free}
    added = st.selectbox(
        form.t("editor.add_field"),
        [field.name for field in free],
        index=None,
        format_func=labels.__getitem__,
        placeholder=form.t("editor.add_field"),
        label_visibility="collapsed",
        key=f"{form.prefix}{path}.+",
        width=260,
    )
    if added:
        value[added] = next(seed(field) for field in free if field.name == added)
        form.changed()


_NESTED = (Shape.RULE, Shape.RULES, Shape.PART, Shape.PARTS, Shape.WINDOW)


def _row(form: Form, field: FieldShape, value: Plain, path: str) -> None:
    label = form.t(f"rule_field.{field.name}")
    if field.shape in _NESTED:
        with st.container(border=True):
            head, tail = st.columns([12, 1], vertical_alignment="center")
            head.markdown(f"**{label}**")
            _remover(form, field, value, path, tail)
            _nested(form, field, value, path)
        return
    left, right = st.columns([12, 1], vertical_alignment="bottom")
    with left:
        value[field.name] = _simple(form, field, label, value[field.name], path)
    _remover(form, field, value, path, right)


def _remover(form: Form, field: FieldShape, value: Plain, path: str, place: Any) -> None:
    if field.required:
        return
    if place.button(
        "",
        icon=":material/close:",
        help=form.t("editor.remove"),
        type="tertiary",
        key=f"{form.prefix}{path}.-",
    ):
        del value[field.name]
        form.changed()


def _nested(form: Form, field: FieldShape, value: Plain, path: str) -> None:
    if field.shape is Shape.RULE:
        rule_form(form, value, field.name, path)
    elif field.shape is Shape.WINDOW:
        part_form(form, Window, value[field.name], path)
    elif field.shape is Shape.PART and field.part is not None:
        part_form(form, field.part, value[field.name], path)
    else:
        _rows(form, field, value[field.name], path)


def _rows(form: Form, field: FieldShape, items: list[Any], path: str) -> None:
    """A list of rules or parts: each in its own box, to be moved, removed and added."""
    for at in range(len(items)):
        title = _title(form, field, items[at], at)
        with st.expander(title, expanded=len(items) == 1):
            _mover(form, items, at, f"{path}.{at}")
            if field.shape is Shape.RULES:
                rule_form(form, items, at, f"{path}.{at}")
            elif field.part is not None:
                part_form(form, field.part, items[at], f"{path}.{at}")
    if st.button(form.t("editor.add_row"), icon=":material/add:", key=f"{form.prefix}{path}.add"):
        whole = field.part is None
        items.append(seed_rule("phrase") if whole else seed_part(field.part))  # type: ignore[arg-type]
        form.changed()


def _title(form: Form, field: FieldShape, item: Any, at: int) -> str:
    """What stands on the closed box of a row."""
    if field.shape is Shape.RULES and isinstance(item, Mapping):
        return f"{at + 1}. {form.t('rule_kind.' + item['kind'])}{_gist(item, form.language)}"
    if isinstance(item, Mapping):
        inner = next((v for v in item.values() if isinstance(v, Mapping) and "kind" in v), None)
        share = f"{item['share']:g} · " if isinstance(item.get("share"), int | float) else ""
        said = form.t("rule_kind." + inner["kind"]) + _gist(inner, form.language) if inner else ""
        return f"{at + 1}. {share}{said}"
    return f"{at + 1}."


def _gist(rule: Mapping[str, Any], language: str) -> str:
    """The few words that tell two rules of a kind apart."""
    name = rule.get("name")
    name = name.get(language) if isinstance(name, Mapping) else name
    told = rule.get("banks") or (name if isinstance(name, str) else "")
    shown = ", ".join(told) if isinstance(told, list) else str(told)
    return f" · {shown}" if shown else ""


def _mover(form: Form, items: list[Any], at: int, path: str) -> None:
    up, down, away, _ = st.columns([1, 1, 1, 9])
    key = f"{form.prefix}{path}"
    if at and up.button("", icon=":material/arrow_upward:", type="tertiary", key=f"{key}.up"):
        items[at - 1], items[at] = items[at], items[at - 1]
        form.changed()
    last = at == len(items) - 1
    if not last and down.button(
        "", icon=":material/arrow_downward:", type="tertiary", key=f"{key}.down"
    ):
        items[at + 1], items[at] = items[at], items[at + 1]
        form.changed()
    if away.button("", icon=":material/delete:", type="tertiary", key=f"{key}.del"):
        del items[at]
        form.changed()


def _simple(  # noqa: PLR0911 - one line per shape
    form: Form, field: FieldShape, label: str, value: Any, path: str
) -> Any:
    key = f"{form.prefix}{path}"
    if field.shape is Shape.YES_NO:
        return st.checkbox(label, value=bool(value), key=key)
    if field.shape in (Shape.WHOLE, Shape.NUMBER):
        return _number(field, label, value, key)
    if field.shape is Shape.CHOICE:
        name = partial(choice_name, t=form.t, language=form.language)
        return _pick(form, label, list(field.choices), str(value), path, name)
    if field.shape in (Shape.BANKS, Shape.MANY):
        return _several(form, field, label, value, key)
    if field.shape is Shape.BANK:
        return _pick(
            form, label, list(form.banks), str(value), path, lambda bank: form.banks.get(bank, bank)
        )
    if field.shape is Shape.ANCHOR and isinstance(value, str):
        return _pick(form, label, list(form.anchors), value, path)
    if field.shape is Shape.RANGE:
        return _range(label, value, key)
    if field.shape in (Shape.BILINGUAL, Shape.PATTERNS, Shape.PHRASES):
        return _both(form, field, label, value, key)
    if isinstance(value, str):
        return st.text_input(label, value, key=key)
    st.caption(f"{label}: {form.t('editor.in_the_file')}")
    return value


def _number(field: FieldShape, label: str, value: Any, key: str) -> Any:
    whole = field.shape is Shape.WHOLE
    turn: Any = int if whole else float
    share = not whole and field.high == 1
    return st.number_input(
        label,
        value=turn(value),
        min_value=None if field.low is None else turn(field.low),
        max_value=None if field.high is None else turn(field.high),
        step=1 if whole else (0.05 if share else 0.5),
        key=key,
    )


def _pick(  # noqa: PLR0917 - a field and what may be chosen
    form: Form,
    label: str,
    options: list[str],
    value: str,
    path: str,
    name: Callable[[str], str] = str,
) -> str:
    if value not in options:
        options = [value, *options]

    def shown(option: str) -> str:
        return name(option) if option else "–"

    return str(
        st.selectbox(
            label,
            options,
            index=options.index(value),
            format_func=shown,
            key=f"{form.prefix}{path}",
        )
    )


def choice_name(name: str, t: Translate, language: str) -> str:
    """An option's name: a label of calls is called as in reasons, others by the editor's texts."""
    if name in LABELS:
        zh, en = value_name(name)
        return zh if language == "zh" else en
    return t(f"rule_choice.{name}")


def _several(form: Form, field: FieldShape, label: str, value: Any, key: str) -> list[str]:
    if field.shape is Shape.BANKS:
        options, shown = list(form.banks), form.banks
    elif field.choices:
        options = list(field.choices)
        shown = {name: choice_name(name, form.t, form.language) for name in options}
    else:
        text = st.text_area(label, "\n".join(value), key=key, help=form.t("editor.one_per_line"))
        return _lines(text)
    options += [name for name in value if name not in options]
    return list(
        st.multiselect(label, options, list(value), format_func=lambda n: shown.get(n, n), key=key)
    )


def _range(label: str, value: Sequence[float], key: str) -> list[float]:
    most = 400.0 if max(value) > 100 else 100.0  # per cent of a call, or words a minute
    low, high = st.slider(label, 0.0, most, (float(value[0]), float(value[1])), key=key)
    return [float(low), float(high)]


def _both(form: Form, field: FieldShape, label: str, value: Plain, key: str) -> dict[str, Any]:
    """The Chinese and the English text side by side; an empty pattern or list is left out."""
    found: dict[str, Any] = {}
    value = {"zh": value, "en": value} if isinstance(value, str) else value
    for column, language in zip(st.columns(2), ("zh", "en"), strict=True):
        title = f"{label} · {form.t(f'rule_field.{language}')}"
        given = value.get(language) or ""
        if isinstance(given, list):
            given = "\n".join(given)
        if field.shape is Shape.BILINGUAL:
            found[language] = column.text_input(title, given, key=f"{key}.{language}")
            continue
        text = column.text_area(
            title,
            given,
            key=f"{key}.{language}",
            height=90,
            help=form.t("editor.one_per_line") if field.shape is Shape.PHRASES else None,
        )
        if field.shape is Shape.PHRASES:
            found[language] = _lines(text)
        elif text.strip():
            found[language] = text
    return found


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
