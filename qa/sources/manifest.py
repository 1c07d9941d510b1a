"""Manifests: CSV, TSV or JSONL, in any encoding that offices produce; every bad row is named."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qa.errors import SourceError


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


#: Names under which a manifest is found by itself, in this order.
MANIFEST_NAMES = ("manifest.csv", "manifest.jsonl", "manifest.tsv")

#: Column → other headings for it, compared without case, spaces and underscores.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "file": _words(
        "filename path audio audiofile recording recordingfile uri "
        "文件 文件名 录音 录音文件 录音文件名 音频 音频文件 路径"
    ),
    "call_id": _words("callid id guid uuid contactid 通话编号 通话id 流水号 呼叫id 录音编号"),
    "agent_id": _words("agentid agent agentcode user operator 工号 坐席 坐席工号 客服工号 客服"),
    "team": _words("group teamname 班组 团队 小组 组别"),
    "queue": _words("skill skillgroup campaign line 技能组 队列 业务线"),
    "started_at": _words(
        "startedat start starttime startdate datetime timestamp calltime date "
        "开始时间 通话时间 呼叫时间 通话开始时间 录音时间 时间"
    ),
    "direction": _words("calldirection 方向 呼叫方向 呼叫类型 呼入呼出"),
    "layout": _words("channels channel channellayout 声道 声道布局 声道数"),
    "language": _words("lang locale 语言 语种"),
    "customer": _words(
        "customerid customernumber customerphone phone phonenumber caller callernumber ani "
        "客户 客户号码 客户电话 客户编号 主叫号码 电话 手机号"
    ),
}
_BY_HEADING = {
    heading: column
    for column, others in COLUMNS.items()
    for heading in (column.replace("_", ""), *others)
}

_SEPARATORS = re.compile(r"[\s_-]")

_BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestRow:
    """One row: known columns by name, the others as tags; or what is wrong with it.

    Attributes:
        line: Line number in the file, as an editor shows it.
        error: Why the row cannot be read at all, `""` when it can.
    """

    line: int
    columns: Mapping[str, str]
    tags: Mapping[str, str]
    error: str = ""


def read_manifest(data: bytes, name: str, *, place: str) -> Iterator[ManifestRow]:
    """The rows of a manifest, in order.

    Args:
        data: The file's bytes: UTF-8, UTF-16 or GBK/GB18030, with or without byte order mark.
        name: File name; `.jsonl`/`.ndjson` is one JSON object per line, everything else a table.
        place: What errors call the file.

    Raises:
        SourceError: Not text, no heading row, or no `file` column.
    """
    text = decode(data, place=place)
    if name.lower().endswith((".jsonl", ".ndjson")):
        return _json_rows(text)
    return _table_rows(text, place)


def decode(data: bytes, *, place: str) -> str:
    """Text of unknown encoding.

    Raises:
        SourceError: Neither UTF-8, UTF-16 nor GB18030, or binary.
    """
    encoding = next((name for mark, name in _BOMS if data.startswith(mark)), "")
    for attempt in (encoding,) if encoding else ("utf-8", "gb18030"):
        try:
            text = data.decode(attempt)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise SourceError("the manifest is not text", place, "save it as CSV in UTF-8")


def _table_rows(text: str, place: str) -> Iterator[ManifestRow]:
    lines = text.splitlines(keepends=True)
    head = next((line for line in lines if line.strip()), "")
    delimiter = max(",;\t|", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    headings: list[str] = []
    for cells in reader:
        if any(cell.strip() for cell in cells):
            headings = [cell.strip() for cell in cells]
            break
    names = columns_of(headings)
    if "file" not in names:
        raise SourceError(
            "the manifest has no column `file`", place, "name the columns in its first row"
        )
    return _cells(reader, names)


def _cells(reader: Any, names: list[str]) -> Iterator[ManifestRow]:
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield ManifestRow(line=line, columns={}, tags={}, error=f"not a table row ({error})")
            continue
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(names) and any(cell.strip() for cell in cells[len(names) :]):
            wrong = f"{len(cells)} cells under {len(names)} headings"
            yield ManifestRow(line=line, columns={}, tags={}, error=wrong)
            continue
        yield _row(line, zip(names, cells, strict=False))


def _json_rows(text: str) -> Iterator[ManifestRow]:
    for line, written in enumerate(text.split("\n"), start=1):
        if not written.strip():
            continue
        try:
            data = json.loads(written)
        except ValueError as error:
            yield ManifestRow(line=line, columns={}, tags={}, error=f"not JSON ({error})")
            continue
        if not isinstance(data, dict):
            yield ManifestRow(line=line, columns={}, tags={}, error="not a JSON object")
            continue
        extra = data.pop("tags", {})
        pairs = [*data.items(), *(extra.items() if isinstance(extra, dict) else ())]
        if nested := [key for key, value in pairs if isinstance(value, dict | list)]:
            wrong = f"{nested[0]!r} is not a single value"
            yield ManifestRow(line=line, columns={}, tags={}, error=wrong)
            continue
        names = columns_of([key for key, _ in pairs])
        yield _row(line, zip(names, (_plain(value) for _, value in pairs), strict=True))


def _row(line: int, pairs: Any) -> ManifestRow:
    columns: dict[str, str] = {}
    tags: dict[str, str] = {}
    for name, cell in pairs:
        if cell.strip() and name:
            (columns if name in COLUMNS else tags)[name] = cell.strip()
    return ManifestRow(line=line, columns=columns, tags=tags)


def columns_of(headings: Sequence[str]) -> list[str]:
    """What each heading means: a known column, a tag of that name, or `""` to drop it.

    Of several headings for one column its own name wins, else the first; the others become tags,
    except numbers of customers, which are dropped.
    """
    words = [heading.strip().strip("\ufeff") for heading in headings]
    meant = [_BY_HEADING.get(_SEPARATORS.sub("", word.lower()), "") for word in words]
    chosen: dict[str, int] = {}
    for number, (word, column) in enumerate(zip(words, meant, strict=True)):
        if column and (column not in chosen or word == column):
            chosen[column] = number
    return [
        column if column and chosen[column] == number else _tag_name(word, column)
        for number, (word, column) in enumerate(zip(words, meant, strict=True))
    ]


def _tag_name(word: str, column: str) -> str:
    return "" if column == "customer" or word in COLUMNS else word


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
