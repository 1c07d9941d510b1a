"""Listing sources: what is taken, what waits, what is refused, and why."""

from __future__ import annotations

import os
import zipfile
from datetime import UTC, datetime, timedelta

import fsspec
import pytest

from qa.calls import ChannelLayout, Direction
from qa.errors import QaError, SettingsError, SourceError
from qa.sources import (
    PREVIEW_COLUMNS,
    SourceItem,
    SourceOptions,
    SourceProblem,
    check_url,
    list_source,
    open_file,
    prefix_of,
    preview,
)

NOW = datetime(2026, 3, 20, 12, 0, tzinfo=UTC)
OLD = (NOW - timedelta(hours=1)).timestamp()


@pytest.fixture
def source(tmp_path):
    """A folder, and a way to put files into it that are an hour old."""
    folder = tmp_path / "calls"
    folder.mkdir()

    class Source:
        path = folder
        url = str(folder)

        @staticmethod
        def put(name, content="RIFF", age_s=3600):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
            when = NOW.timestamp() - age_s
            os.utime(path, (when, when))
            return path

    return Source


class Sleeper:
    """Sleeps by moving the clock, and lets the test change the world meanwhile."""

    def __init__(self, meanwhile=lambda: None):
        self.now, self.slept, self.meanwhile = NOW, 0.0, meanwhile

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.slept += seconds
        self.now += timedelta(seconds=seconds)
        self.meanwhile()


def listed(url, sleeper=None, **options):
    sleeper = sleeper or Sleeper()
    found = list(list_source(str(url), SourceOptions(**options), now=sleeper, sleep=sleeper.sleep))
    items = [each for each in found if isinstance(each, SourceItem)]
    problems = [each for each in found if isinstance(each, SourceProblem)]
    assert all(problem.place and problem.message and problem.remedy for problem in problems)
    return items, problems


def names(items):
    return [item.uri.rpartition("/")[2] for item in items]


def kinds(problems):
    return sorted((problem.place.rpartition("/")[2], problem.kind.value) for problem in problems)


# folders without a manifest -----------------------------------------------------------------


def test_a_folder_is_listed_in_order_with_everything_below(source):
    for name in ("b.wav", "a.MP3", "2024/三月/c.opus", "z.amr"):
        source.put(name)
    items, problems = listed(source.url)
    assert names(items) == ["a.MP3", "b.wav", "z.amr", "c.opus"]
    assert problems == []
    assert items[0].uri == str(source.path / "a.MP3")
    assert (items[0].size_bytes, items[0].origin) == (4, "")
    with open_file(items[3].uri) as file:
        assert file.read() == b"RIFF"


def test_companions_are_passed_over_and_strangers_reported(source):
    for name in (
        "a.wav",
        "a.json",
        "a.rttm",
        "README.md",
        ".a.wav.Xy12",
        "~a.wav",
        "b.exe",
        "noend",
    ):
        source.put(name)
    items, problems = listed(source.url)
    assert names(items) == ["a.wav"]
    assert kinds(problems) == [("b.exe", "not_audio"), ("noend", "not_audio")]


@pytest.mark.parametrize("name", ["a.wav.part", "a.wav.tmp", "a.mp3.filepart", "a.wav.crdownload"])
def test_half_uploaded_names_wait(source, name):
    source.put(name)
    items, problems = listed(source.url)
    assert (items, kinds(problems)) == ([], [(name, "waiting")])


@pytest.mark.parametrize("lock", ["a.wav.lock", "a.lock"])
def test_a_lock_beside_a_file_makes_it_wait(source, lock):
    source.put("a.wav")
    source.put("b.wav")
    source.put(lock)
    items, problems = listed(source.url)
    assert (names(items), kinds(problems)) == (["b.wav"], [("a.wav", "waiting")])


def test_a_young_file_that_stands_still_is_taken_after_a_pause(source):
    source.put("young.wav", age_s=4)
    source.put("old.wav")
    sleeper = Sleeper()
    items, problems = listed(source.url, sleeper, settle_seconds=10)
    assert (names(items), problems, sleeper.slept) == (["old.wav", "young.wav"], [], 10)


def test_a_young_file_that_grows_waits(source):
    source.put("young.wav", age_s=1)
    grow = Sleeper(lambda: source.put("young.wav", "RIFF more", age_s=-9))
    items, problems = listed(source.url, grow)
    assert (items, kinds(problems)) == ([], [("young.wav", "waiting")])


def test_a_young_file_that_goes_away_waits(source):
    path = source.put("young.wav", age_s=1)
    items, problems = listed(source.url, Sleeper(path.unlink))
    assert (items, kinds(problems)) == ([], [("young.wav", "waiting")])


def test_without_patience_nothing_sleeps(source):
    source.put("young.wav", age_s=1)
    sleeper = Sleeper()
    items, problems = listed(source.url, sleeper, patient=False)
    assert (items, kinds(problems), sleeper.slept) == ([], [("young.wav", "waiting")], 0)


def test_a_clock_that_runs_ahead_holds_no_file_back(source):
    source.put("future.wav", age_s=-86_400)
    items, _ = listed(source.url)
    assert names(items) == ["future.wav"]


def test_a_settle_time_of_zero_takes_everything_at_once(source):
    source.put("young.wav", age_s=0)
    sleeper = Sleeper()
    assert names(listed(source.url, sleeper, settle_seconds=0)[0]) == ["young.wav"]
    assert sleeper.slept == 0


def test_an_unreadable_folder_is_a_problem_and_the_others_go_on(source, monkeypatch):
    source.put("a.wav")
    source.put("shut/b.wav")
    source.put("open/c.wav")
    scandir = os.scandir

    def guarded(path):
        if str(path).endswith("shut"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", guarded)
    items, problems = listed(source.url)
    assert (names(items), kinds(problems)) == (["a.wav", "c.wav"], [("shut", "unreadable")])


def test_a_link_out_of_the_source_is_refused(source, tmp_path):
    outside = tmp_path / "secret.wav"
    outside.write_bytes(b"RIFF")
    (source.path / "link.wav").symlink_to(outside)
    (source.path / "loop").symlink_to(source.path)
    (source.path / "dangling.wav").symlink_to(tmp_path / "nothing.wav")
    inside = source.put("a.wav")
    (source.path / "inner.wav").symlink_to(inside)
    items, problems = listed(source.url)
    assert (names(items), kinds(problems)) == (
        ["a.wav", "inner.wav"],
        [("link.wav", "unsafe_path")],
    )


def test_one_file(source):
    path = source.put("a.wav")
    source.put("b.wav")
    assert names(listed(path)[0]) == ["a.wav"]


@pytest.mark.parametrize(
    "url", ["/nowhere/at/all", "memory://nowhere", "zip:///nowhere.zip", "gopher://x/y", "s3x://b"]
)
def test_a_source_that_is_not_there(url):
    with pytest.raises(QaError) as raised:
        list_source(url)
    assert raised.value.remedy


# file names ---------------------------------------------------------------------------------


def test_a_name_of_a_known_habit_says_what_it_says(source):
    source.put("Auto0_GUID_000_AGENT_ChrisL_DT_2023-02-19T06-01-22_Mono.wav")
    (item,), problems = listed(source.url)
    details = item.details
    assert (details.call_id, details.agent_id) == ("Auto0_GUID_000", "ChrisL")
    assert details.layout == ChannelLayout.MONO
    assert details.started_at == datetime(2023, 2, 18, 22, 1, 22, tzinfo=UTC)
    assert (item.origin, problems) == ("pattern guid_agent_dt", [])


def test_the_time_zone_is_the_sites(source):
    source.put("1023_20240319_143055.wav")
    (item,), _ = listed(source.url, timezone="America/New_York")
    assert item.details.started_at == datetime(2024, 3, 19, 18, 30, 55, tzinfo=UTC)
    with pytest.raises(SettingsError):
        list_source(source.url, SourceOptions(timezone="Nowhere"))


def test_a_habit_that_only_seems_to_fit_says_nothing(source):
    source.put("1023_20240319_256199.wav")  # no such time of day
    source.put("1023_20991231_120000.wav")  # not yet
    items, problems = listed(source.url)
    assert [item.origin for item in items] == ["", ""]
    assert problems == []


def test_a_pattern_that_was_asked_for_must_fit(source):
    source.put("zhang-20240319.wav")
    source.put("zhang-20241399.wav")
    source.put("other.wav")
    items, problems = listed(source.url, pattern=r"(?P<agent_id>[a-z]+)-(?P<date>\d{8})")
    assert [(item.details.agent_id, item.origin) for item in items] == [("zhang", "pattern given")]
    assert kinds(problems) == [("other.wav", "file_name"), ("zhang-20241399.wav", "file_name")]


def test_a_number_in_a_name_becomes_a_hash(source):
    source.put("20240319-143055_13800138000_SALES_agent07-all.wav")
    (item,), _ = listed(source.url, customer_key=b"k" * 32)
    assert len(item.details.customer_ref) == 32
    assert "13800138000" not in repr(item.details)
    (item,), _ = listed(source.url)
    assert item.details.customer_ref == ""


# manifests ----------------------------------------------------------------------------------

MANIFEST = """file,call_id,agent_id,team,queue,started_at,direction,layout,language,customer,产品
a.wav,c-1,1001,甲组,售后,2024-03-19 14:30:55,呼入,agent_left,zh-CN,13800138000,宽带
sub/b.wav,c-2,1002,,,,outbound,,english,,
"""


def test_a_manifest_is_found_and_says_everything(source):
    source.put("manifest.csv", MANIFEST)
    source.put("a.wav")
    source.put("sub/b.wav")
    (first, second), problems = listed(source.url, customer_key=b"k" * 32)
    details = first.details
    assert (details.call_id, details.agent_id, details.team, details.queue) == (
        "c-1",
        "1001",
        "甲组",
        "售后",
    )
    assert details.started_at == datetime(2024, 3, 19, 6, 30, 55, tzinfo=UTC)
    assert (details.direction, details.layout) == (Direction.INBOUND, ChannelLayout.AGENT_LEFT)
    assert (details.language, details.tags) == ("zh", {"产品": "宽带"})
    assert "13800138000" not in repr(first)
    assert (second.details.call_id, second.details.language) == ("c-2", "en")
    assert (first.origin, second.origin, problems) == ("manifest.csv:2", "manifest.csv:3", [])


@pytest.mark.parametrize("how", ["named", "url", "jsonl", "in a subfolder"])
def test_a_manifest_may_be_named(source, how):
    source.put("a.wav")
    if how == "jsonl":
        source.put("manifest.jsonl", '{"file": "a.wav", "agent_id": 7}')
        items, _ = listed(source.url)
    elif how == "in a subfolder":
        source.put("lists/today.csv", "file,agent_id\na.wav,7\n")
        source.put("lists/a.wav")
        items, _ = listed(source.url, manifest="lists/today.csv")
        assert items[0].uri == str(source.path / "lists" / "a.wav")
    else:
        source.put("today.csv", "file,agent_id\na.wav,7\n")
        options = {"manifest": "today.csv"} if how == "named" else {}
        items, _ = listed(f"{source.url}/today.csv" if how == "url" else source.url, **options)
    assert [item.details.agent_id for item in items] == ["7"]


BAD_ROWS = {
    "no file": (",x", "manifest", "file"),
    "bad time": ("a.wav,x,yesterday", "manifest", "started_at"),
    "future": ("a.wav,x,2030-01-01 00:00:00", "manifest", "started_at"),
    "bad direction": ("a.wav,x,,sideways", "manifest", "direction"),
    "bad call id": ("a.wav,../x", "manifest", "call_id"),
    "too many cells": ("a.wav,x,,,zh,,,,", "", ""),
    "too many full cells": ("a.wav,x,,,zh,1,2", "manifest", ""),
    "missing": ("gone.wav,x", "missing", "file"),
    "upper case": ("A.WAV,x", "missing", "file"),
    "parent": ("../secret.wav,x", "unsafe_path", "file"),
    "hidden parent": ("sub/../../secret.wav,x", "unsafe_path", "file"),
    "windows parent": ("..\\secret.wav,x", "unsafe_path", "file"),
    "absolute": ("/etc/passwd,x", "unsafe_path", "file"),
    "drive": ("C:\\secret.wav,x", "unsafe_path", "file"),
    "home": ("~/secret.wav,x", "unsafe_path", "file"),
    "url": ("http://169.254.169.254/x.wav,x", "unsafe_path", "file"),
    "chain": ("a.wav::http://host/x,x", "unsafe_path", "file"),
    "link": ("link.wav,x", "unsafe_path", ""),
    "folder": ("sub,x", "missing", "file"),
}


@pytest.mark.parametrize("name", BAD_ROWS)
def test_every_bad_row_is_named(source, tmp_path, name):
    row, kind, field = BAD_ROWS[name]
    (tmp_path / "secret.wav").write_bytes(b"RIFF")
    (source.path / "link.wav").symlink_to(tmp_path / "secret.wav")
    for file in ("a.wav", "good.wav", "sub/x.wav"):
        source.put(file)
    head = "file,call_id,started_at,direction,language"
    source.put("manifest.csv", f"{head}\n{row}\ngood.wav,good\nsub/x.wav,y\n")
    items, problems = listed(source.url)
    faults = [problem for problem in problems if problem.kind.value != "unlisted"]
    faults = [problem for problem in faults if "link.wav" not in problem.place or name == "link"]
    if not kind:
        assert faults == []
        return
    assert [item.details.call_id for item in items] == ["good", "y"]
    assert [(fault.kind.value, fault.field) for fault in faults] == [(kind, field)]
    if name != "link":
        assert faults[0].place == f"{source.path}/manifest.csv:2"


def test_the_same_name_in_other_letters_is_hinted_at(source):
    source.put("a.wav")
    source.put("manifest.csv", "file\nA.WAV\n")
    _, problems = listed(source.url)
    assert any("did you mean 'a.wav'" in problem.message for problem in problems)


def test_duplicates_keep_the_first_and_name_both_lines(source):
    for name in "abc":
        source.put(f"{name}.wav")
    source.put("manifest.csv", "file,call_id\na.wav,1\nb.wav,1\na.wav,2\nc.wav,\n./c.wav,3\n")
    items, problems = listed(source.url)
    assert names(items) == ["a.wav", "c.wav"]
    assert [(fault.place[-1], fault.field, fault.message[-6:]) for fault in problems] == [
        ("3", "call_id", "line 2"),
        ("4", "file", "line 2"),
        ("6", "file", "line 5"),
    ]


def test_files_without_a_row_are_reported_and_not_taken(source):
    source.put("manifest.csv", "file\na.wav\n")
    source.put("a.wav")
    source.put("b.wav")
    source.put("c.wav.part")
    items, problems = listed(source.url)
    assert names(items) == ["a.wav"]
    assert kinds(problems) == [("b.wav", "unlisted"), ("c.wav.part", "waiting")]


def test_a_row_of_a_locked_file_waits(source):
    source.put("manifest.csv", "file\na.wav\n")
    source.put("a.wav")
    source.put("a.wav.lock")
    items, problems = listed(source.url)
    assert (items, kinds(problems)) == ([], [("a.wav", "waiting")])


def test_a_row_may_name_a_file_of_any_suffix(source):
    source.put("manifest.csv", "file\ncall.bin\ncall.dat2\n")
    source.put("call.bin")
    source.put("call.dat2")
    assert names(listed(source.url)[0]) == ["call.bin", "call.dat2"]


def test_a_pattern_fills_what_the_manifest_does_not_say(source):
    source.put("manifest.csv", "file,agent_id\n7-88.wav,1001\n")
    source.put("7-88.wav")
    (item,), _ = listed(source.url, pattern=r"(?P<agent_id>\d)-(?P<queue>\d+)")
    assert (item.details.agent_id, item.details.queue) == ("1001", "88")


def test_gbk_manifest(source):
    source.put("manifest.csv", MANIFEST.encode("gbk"))
    source.put("a.wav")
    source.put("sub/b.wav")
    assert listed(source.url)[0][0].details.team == "甲组"


def test_two_manifests_are_one_too_many(source):
    source.put("manifest.csv", "file\n")
    source.put("manifest.jsonl", "")
    with pytest.raises(SourceError, match="two manifests"):
        list_source(source.url)


@pytest.mark.parametrize("manifest", ["gone.csv", "../outside.csv"])
def test_a_manifest_that_is_not_in_the_source(source, tmp_path, manifest):
    (tmp_path / "outside.csv").write_text("file\na.wav\n")
    with pytest.raises(SourceError, match="no such manifest"):
        list_source(source.url, SourceOptions(manifest=manifest))


# anything fsspec can open -------------------------------------------------------------------


@pytest.fixture
def memory():
    files = fsspec.filesystem("memory")
    yield files
    files.rm("/", recursive=True)


def test_a_remote_folder(memory):
    for name in ("a.wav", "sub/b.wav", "x.exe", "c.wav.part"):
        memory.pipe_file(f"/bucket/calls/{name}", b"RIFF1")
    items, problems = listed("memory://bucket/calls", settle_seconds=0)
    assert [item.uri for item in items] == [
        "memory://bucket/calls/a.wav",
        "memory://bucket/calls/sub/b.wav",
    ]
    assert kinds(problems) == [("c.wav.part", "waiting"), ("x.exe", "not_audio")]
    assert (items[0].size_bytes, bool(items[0].version)) == (5, True)
    with open_file(items[1].uri) as file:
        assert file.read() == b"RIFF1"


def test_a_remote_manifest_and_a_remote_file(memory):
    memory.pipe_file("/bucket/a.wav", b"RIFF")
    memory.pipe_file("/bucket/manifest.csv", b"file,team\na.wav,x\ngone.wav,y\n../z.wav,z\n")
    for url in ("memory://bucket", "memory://bucket/manifest.csv"):
        items, problems = listed(url, settle_seconds=0)
        assert [item.details.team for item in items] == ["x"]
        assert [problem.kind.value for problem in problems] == ["missing", "unsafe_path"]
    assert names(listed("memory://bucket/a.wav", settle_seconds=0)[0]) == ["a.wav"]


def test_a_zip_archive(tmp_path):
    path = tmp_path / "calls.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("march/a.wav", b"RIFFa")
        archive.writestr("march/manifest.csv", "file,agent_id\na.wav,7\n")
        archive.writestr("b.wav", b"RIFFb")
    items, problems = listed(f"zip://::{path}")
    assert [item.uri for item in items] == [f"zip://b.wav::{path}", f"zip://march/a.wav::{path}"]
    assert problems == []
    with open_file(items[1].uri) as file:
        assert file.read() == b"RIFFa"
    items, _ = listed(f"zip://march::{path}")
    assert [item.details.agent_id for item in items] == ["7"]


def test_a_web_address_needs_a_manifest():
    with pytest.raises(SourceError, match="manifest"):
        list_source("https://127.0.0.1:1/calls/")


SECRET_URLS = (
    "sftp://user:hunter2@host/calls",
    "https://host/calls/manifest.csv?X-Amz-Signature=hunter2",
    "https://host/manifest.csv?access_token=hunter2",
    "zip://::https://u:hunter2@host/x.zip",
    "s3://key:hunter2@bucket/calls",
)


@pytest.mark.parametrize("url", SECRET_URLS)
def test_a_secret_in_a_url_is_refused_and_not_repeated(url):
    with pytest.raises(SourceError) as raised:
        list_source(url)
    assert "environment" in raised.value.remedy
    assert "hunter2" not in f"{raised.value!r} {raised.value.__cause__!r}"


def test_options_do_not_show_their_secrets():
    options = SourceOptions(storage={"password": "hunter2"}, customer_key=b"hunter2")
    assert "hunter2" not in repr(options)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("sftp://qa@host/calls", "sftp://qa@host/calls"),
        ("s3://KEYID@bucket/calls", "s3://bucket/calls"),
        ("zip://a::s3://KEYID@bucket/x.zip", "zip://a::s3://bucket/x.zip"),
        ("/data/录音 1", "/data/录音 1"),
    ],
)
def test_urls_as_they_are_stored(url, shown):
    assert check_url(url) == shown


@pytest.mark.parametrize("name", ["", "a.wav", "manifest.csv"])
def test_everything_of_a_source_begins_alike(source, monkeypatch, name):
    source.put("manifest.csv", "file\na.wav\ngone.wav\n")
    source.put("a.wav")
    source.put("b.wav")
    monkeypatch.chdir(source.path.parent)
    items, problems = listed(f"calls/{name}")
    places = [item.uri for item in items] + [problem.place for problem in problems]
    assert places
    assert all(place.startswith(prefix_of(f"calls/{name}")) for place in places)


@pytest.mark.parametrize(
    ("url", "prefix"),
    [
        ("memory://bucket/calls/", "memory://bucket/calls"),
        ("https://host/x/manifest.csv", "https://host/x"),
        ("s3://bucket", "s3://bucket"),
        ("zip://::/data/x.zip", "zip://"),
    ],
)
def test_prefixes_of_remote_sources(url, prefix):
    assert prefix_of(url) == prefix


# preview ------------------------------------------------------------------------------------


def test_a_preview_shows_both_files_and_problems(source):
    source.put("manifest.csv", MANIFEST + "gone.wav,c-3\n")
    source.put("a.wav")
    os.utime(source.put("sub/b.wav"))  # now, by the real clock
    rows = list(preview(source.url, SourceOptions(customer_key=b"k")))
    assert all(tuple(row) == PREVIEW_COLUMNS for row in rows)
    assert [(row["status"], row["call_id"]) for row in rows] == [
        ("ready", "c-1"),
        ("missing", ""),
        ("waiting", ""),
    ]
    assert rows[0]["customer"] == "yes"
    assert "13800138000" not in str(rows)
    assert rows[1]["remedy"]
    assert len(list(preview(source.url, limit=1))) == 1
