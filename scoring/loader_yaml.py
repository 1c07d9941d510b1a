"""YAML 1.2 to plain data, remembering the line of every value; all problems are collected."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

#: Larger files, or files that aliases blow up beyond this many values, are refused.
MAX_BYTES = 4_000_000
MAX_VALUES = 200_000
MAX_DEPTH = 60

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something wrong in a file. `line` counts from 1; 0 means the file as a whole."""

    file: str
    line: int
    field: str
    message: str
    suggestion: str = ""
    severity: str = "error"

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        cure = f" -> {self.suggestion}" if self.suggestion else ""
        return (
            f"{where}: {self.field}: {self.message}{cure}"
            if self.field
            else f"{where}: {self.message}{cure}"
        )


@dataclass(slots=True, kw_only=True)
class Document:
    """Plain data of a file with the line of every path."""

    file: str
    data: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def line_of(self, path: Path) -> int:
        """Line of a path, or of its nearest parent that has one."""
        for end in range(len(path), -1, -1):
            if path[:end] in self.lines:
                return self.lines[path[:end]]
        return 0


def read_yaml(text: str, *, file: str) -> Document:
    """Parse YAML 1.2; `data` is None when it cannot be parsed at all."""
    document = Document(file=file)
    if len(text) > MAX_BYTES:
        _add(document, 0, (), f"larger than {MAX_BYTES // 1_000_000} MB", "split the file")
        return document
    try:
        node = YAML(typ="safe", pure=True).compose(text)
        if node is None:
            _add(
                document,
                0,
                (),
                "the file is empty",
                "write a scorecard, or start from a packaged one",
            )
        else:
            document.data = _Builder(document).build(node, (), 0)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = " ".join(str(part) for part in (error.context, error.problem) if part)
        _add(document, mark.line + 1 if mark else 0, (), what, "correct the YAML syntax")
    except (YAMLError, ValueError, OverflowError) as error:
        _add(document, 0, (), f"not readable as YAML: {error}", "save it as UTF-8 text")
    except RecursionError:
        _add(document, 0, (), "nested too deeply", f"use at most {MAX_DEPTH} levels")
    except _TooLargeError as error:
        document.data = None
        _add(document, 0, (), str(error), "write it without aliases, or split it")
    return document


class _TooLargeError(Exception):
    pass


class _Builder:
    def __init__(self, document: Document) -> None:
        self.document = document
        self.count = 0

    def build(self, node: Node, path: Path, depth: int) -> Any:
        self.count += 1
        if self.count > MAX_VALUES:
            raise _TooLargeError(f"more than {MAX_VALUES} values")
        if depth > MAX_DEPTH:
            raise _TooLargeError(f"more than {MAX_DEPTH} levels deep")
        self.document.lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, MappingNode):
            return self._mapping(node, path, depth)
        if isinstance(node, SequenceNode):
            return [self.build(item, (*path, i), depth + 1) for i, item in enumerate(node.value)]
        return _scalar(node) if isinstance(node, ScalarNode) else None

    def _mapping(self, node: MappingNode, path: Path, depth: int) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            key = _scalar(key_node) if isinstance(key_node, ScalarNode) else None
            if not isinstance(key, str) or key == "<<":
                shown = getattr(key_node, "value", "?")
                _add(
                    self.document, line, path, f"key {shown!r} is not a plain name",
                    "quote it, or write the keys out",
                )  # fmt: skip
                continue
            if key in result:
                _add(
                    self.document, line, (*path, key), "the key is given twice", "keep one of them"
                )
                continue
            self.document.lines[(*path, key)] = line
            result[key] = self.build(value_node, (*path, key), depth + 1)
        return result


def _scalar(node: ScalarNode) -> Any:
    """A YAML 1.2 core value; dates stay text, so that `2026-01-01` needs no quotes."""
    tag, text = str(node.tag).rsplit(":", 1)[-1], node.value
    if tag == "null":
        return None
    if tag == "bool":
        return text.lower() == "true"
    if tag == "int":
        return int(text.replace("_", ""), 0) if not text.lstrip("+-").isdigit() else int(text)
    if tag == "float":
        cleaned = text.replace("_", "").lower()
        special = {".inf": "inf", "+.inf": "inf", "-.inf": "-inf", ".nan": "nan"}
        return float(special.get(cleaned, cleaned))
    return text


def _add(document: Document, line: int, path: Path, message: str, suggestion: str) -> None:
    document.problems.append(
        Problem(
            file=document.file,
            line=line,
            field=show_path(path),
            message=message,
            suggestion=suggestion,
        )
    )


def show_path(path: Path) -> str:
    """A path as `sections[2].criteria[0].weight`."""
    shown = ""
    for part in path:
        shown += f"[{part}]" if isinstance(part, int) else f".{part}" if shown else str(part)
    return shown
