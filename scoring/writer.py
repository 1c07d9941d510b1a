"""Scorecards back to YAML: what a form editor saves is the file people read."""

from __future__ import annotations

import io
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from scoring.scorecard import Scorecard

_SCHEMA_LINE = "# yaml-language-server: $schema=scorecard.schema.json\n"
#: Mappings and lists this small stand on one line.
_SHORT = 76


def to_yaml(card: Scorecard) -> str:
    """The scorecard as YAML without defaults; reading it again gives the same digest."""
    plain = card.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    _keep_kinds(card, plain)
    yaml = YAML()
    yaml.width = 100
    yaml.indent(mapping=2, sequence=4, offset=2)
    out = io.StringIO()
    yaml.dump(_laid_out(plain), out)
    return _SCHEMA_LINE + out.getvalue()


def _keep_kinds(card: Scorecard, plain: dict[str, Any]) -> None:
    """Identity comes first and is always written."""
    for name in ("id", "version"):
        plain[name] = getattr(card, name)
    ordered = {name: plain[name] for name in type(card).model_fields if name in plain}
    plain.clear()
    plain.update(ordered)


def _laid_out(value: Any) -> Any:
    """Plain data as ruamel nodes: short ones in one line, as people write them."""
    if isinstance(value, dict):
        node: Any = CommentedMap((key, _laid_out(item)) for key, item in value.items())
    elif isinstance(value, list):
        node = CommentedSeq(_laid_out(item) for item in value)
    else:
        return value
    if len(str(value)) <= _SHORT:
        node.fa.set_flow_style()
    return node
