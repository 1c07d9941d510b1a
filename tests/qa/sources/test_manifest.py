"""Manifests as offices produce them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.errors import SourceError
from qa.sources.manifest import columns_of, decode, read_manifest


def read(text, name="manifest.csv", encoding="utf-8"):
    data = text if isinstance(text, bytes) else text.encode(encoding)
    return list(read_manifest(data, name, place=name))


TABLE = "录音文件,工号,班组,备注\na.wav,1001,甲组,急\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_encodings(encoding):
    (row,) = read(TABLE, encoding=encoding)
    assert row.columns == {"file": "a.wav", "agent_id": "1001", "team": "甲组"}
    assert row.tags == {"备注": "急"}
    assert row.line == 2


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters(delimiter):
    text = delimiter.join(["file", "agent_id", "team"])
    (row,) = read(f"{text}\n{delimiter.join(['a.wav', '7', 'x'])}\n")
    assert row.columns == {"file": "a.wav", "agent_id": "7", "team": "x"}


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_lines_are_counted_as_an_editor_shows_them(newline):
    lines = ["", "file,note", "", 'a.wav,"two', 'lines"', "b.wav,x", ",,", "c.wav,"]
    rows = read(newline.join(lines))
    assert [(row.columns.get("file"), row.line) for row in rows] == [
        ("a.wav", 4),
        ("b.wav", 6),
        ("c.wav", 8),
    ]


def test_json_lines():
    rows = read(
        '{"file": "a.wav", "agent_id": 1001, "vip": true, "x": null, "tags": {"城市": "北京"}}\n'
        "\nnot json\n[1]\n"
        '{"file": "b.wav", "deep": {"a": 1}}\n',
        "m.jsonl",
    )
    assert rows[0].columns == {"file": "a.wav", "agent_id": "1001"}
    assert rows[0].tags == {"vip": "true", "城市": "北京"}
    assert [(row.line, bool(row.error)) for row in rows] == [
        (1, False),
        (3, True),
        (4, True),
        (5, True),
    ]


def test_more_cells_than_headings_is_an_error_of_the_row():
    rows = read("file,team\na.wav,x,y\nb.wav,x,\nc.wav\n")
    assert [bool(row.error) for row in rows] == [True, False, False]


@pytest.mark.parametrize(
    ("headings", "expected"),
    [
        (["File Name", "Agent-ID", "START_TIME"], ["file", "agent_id", "started_at"]),
        (["file", "path"], ["file", "path"]),
        (["path", "file"], ["path", "file"]),
        (["layout", "channels"], ["layout", "channels"]),
        (["customer", "phone", "file"], ["customer", "", "file"]),
        (["\ufefffile", "产品线"], ["file", "产品线"]),
    ],
)
def test_headings(headings, expected):
    assert columns_of(headings) == expected


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"", "no column `file`"),
        (b"name,team\na,b\n", "no column `file`"),
        (b"RIFF\x00\x00\x00\x00WAVE", "not text"),
        (b"\xff\xfe\xff", "not text"),
        (b"file\n\x81\x20\xff\xff", "not text"),
    ],
)
def test_files_that_are_no_manifest(data, complaint):
    with pytest.raises(SourceError, match=complaint) as raised:
        read(data)
    assert (raised.value.place, bool(raised.value.remedy)) == ("manifest.csv", True)


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(data):
    for name in ("m.csv", "m.jsonl"):
        try:
            rows = read(b"file,team\n" + data, name)
        except SourceError:
            continue
        assert all(row.line >= 1 for row in rows)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=50))
def test_any_utf8_text_is_read_as_it_is(text):
    text = text.removeprefix("\ufeff")
    assert decode(("，" + text).encode(), place="m") == "，" + text
