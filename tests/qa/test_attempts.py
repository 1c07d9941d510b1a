"""Attempts to get in through data: none gets further than an error or a harmless text."""

from __future__ import annotations

import pickle
import re
import struct
import time
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest

from dashboards import frame
from qa import codec
from qa.calls import Role
from qa.errors import QaError, SourceError
from qa.ingest import NotIngested, ingest_many
from qa.privacy import detect
from qa.privacy.transcripts import redact_transcript
from qa.retention import _remove
from qa.settings import load_settings
from qa.sources import SourceItem, check_url, list_source, open_file, source_options
from qa.store import CallFilter
from qa.transcript import Transcript, Turn
from scoring.loader import load_scorecard
from tests import sounds
from tests.builders import add_call, make_transcript
from transcription.audio import decode


def listed(folder):
    options = source_options(load_settings(run={"settle_seconds": 0}))
    return list(list_source(str(folder), options))


def manifest(folder, *rows, columns="file,call_id"):
    (folder / "manifest.csv").write_text("\n".join((columns, *rows)) + "\n", encoding="utf-8")


@pytest.mark.parametrize(
    "name",
    [
        "../outside.wav",
        "..\\outside.wav",
        "sub/../../outside.wav",
        "/etc/passwd",
        "file:///etc/passwd",
        "%2e%2e/outside.wav",
        "....//outside.wav",
        "http://169.254.169.254/latest/meta-data",
        "ftp://10.0.0.1/a.wav",
        "simplecache::http://127.0.0.1/a.wav",
        "zip://a.wav::http://127.0.0.1/x.zip",
        "memory://a.wav",
        "a.wav\0.txt",
        "|cat /etc/passwd",
    ],
)
def test_a_manifest_reaches_nothing_outside_its_folder(tmp_path, name):
    folder = tmp_path / "source"
    folder.mkdir()
    sounds.save(tmp_path, "outside.wav", sounds.wav(sounds.tone(440, 1)))
    sounds.save(folder, "inside.wav", sounds.wav(sounds.tone(440, 1)))
    manifest(folder, f'"{name}",c1', "inside.wav,c2")
    try:
        found = [one for one in listed(folder) if isinstance(one, SourceItem)]
    except QaError:
        return
    assert {Path(one.uri).name for one in found} <= {"inside.wav"}


def test_a_link_out_of_the_folder_is_not_followed_into_secrets(tmp_path):
    folder = tmp_path / "source"
    folder.mkdir()
    secret = tmp_path / "secret.txt"
    secret.write_text("password", encoding="utf-8")
    (folder / "a.wav").symlink_to(secret)
    for one in listed(folder):
        assert not isinstance(one, SourceItem) or "password" not in repr(one)


@pytest.mark.parametrize("bad", ["../../etc", "a/b", "a\\b", "a\nb", "a\x00b", "x" * 5_000])
def test_an_id_with_a_path_in_it_is_refused(tmp_path, store, bad):
    sounds.save(tmp_path, "a.wav", sounds.wav(sounds.tone(440, 1)))
    manifest(tmp_path, f'a.wav,"{bad}"')
    try:
        found = listed(tmp_path)
    except SourceError:  # not even a text
        return
    for one in found:
        if isinstance(one, SourceItem):
            assert one.details.call_id != bad
            taken = next(iter(ingest_many([one], store)))
            assert isinstance(taken, NotIngested) or "/" not in taken.call.id


@pytest.mark.parametrize(
    "host",
    [
        "169.254.169.254", "169.254.170.2", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376",
        "[::ffff:169.254.169.254]", "[fe80::1]", "metadata.google.internal.", "100.100.100.200",
    ],
)  # fmt: skip
def test_a_source_never_asks_where_clouds_keep_keys(host):
    for url in (f"http://{host}/latest/meta-data/", f"simplecache::http://{host}/a.wav"):
        with pytest.raises(SourceError, match="no place for recordings"):
            check_url(url)
    assert check_url("http://10.0.0.7/calls/") == "http://10.0.0.7/calls/"


@pytest.mark.parametrize(
    "url",
    [
        "https://user:hunter2@host/calls/",
        "https://host/calls?X-Amz-Signature=hunter2",
        "https://host/calls?token=hunter2",
        "simplecache::https://user:hunter2@host/calls/",
    ],
)
def test_a_url_with_a_secret_is_refused_without_repeating_it(url):
    with pytest.raises(SourceError) as raised:
        check_url(url)
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize(
    "text",
    [
        "'; DROP TABLE calls; --",
        "' OR '1'='1",
        '" OR 1=1 --',
        "%' UNION SELECT * FROM accounts --",
        "\\'; DELETE FROM turns; --",
        "%",
        "_",
    ],
)
@pytest.mark.parametrize("field", ["text", "agents", "teams", "queues"])
def test_a_filter_is_data_and_never_sql(store, field, text):
    add_call(store)
    store.transcripts.save(make_transcript("call-a"), "d1")
    wanted = CallFilter(**{field: text if field == "text" else (text,)})
    found = store.calls.count(wanted)
    assert found == (1 if field == "text" and text in "我要 100% 退款_投诉。" else 0)
    assert store.calls.count() == 1


MARKUP = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[click](javascript:alert(1))",
    "![x](http://evil/x.png)",
    "# heading\n**bold** `code` $x^2$ :red[boo]",
    "| a | b |\n|---|---|",
    "&lt;script&gt;",
]


@pytest.mark.parametrize("text", MARKUP)
def test_markup_of_a_name_is_shown_as_letters(text):
    shown = frame.plain(text)
    for sign in "<>[]()`*_#!|$:":
        position = -1
        while (position := shown.find(sign, position + 1)) >= 0:
            assert shown[position - 1] == "\\"


@pytest.mark.parametrize("text", MARKUP)
def test_markup_of_a_transcript_stays_what_was_said(store, text):
    add_call(store)
    store.transcripts.save(
        make_transcript("call-a", ((Role.AGENT, "您好。"), (Role.AGENT, text))), "d"
    )
    assert store.transcripts.load("call-a").turns[1].text == text


def riff(*, channels=1, rate=8000, bits=16, stated=4_000_000_000, data=b"\0" * 3200):
    block = max(1, channels * bits // 8) % 65_536
    form = struct.pack("<HHIIHH", 1, channels, rate, (rate * block) % 2**32, block, bits)
    head = b"RIFF" + struct.pack("<I", stated) + b"WAVEfmt " + struct.pack("<I", 16) + form
    return head + b"data" + struct.pack("<I", stated) + data


@pytest.mark.parametrize(
    "content",
    [
        riff(),
        riff(channels=65_535),
        riff(rate=4_000_000_000),
        riff(bits=64),
        riff(channels=0),
        riff(rate=0),
        b"RIFF" + b"\xff" * 64,
        b"fLaC\x00\x00\x00\x22" + b"\xff" * 34,
        b"OggS" + b"\xff" * 200,
        b"#EXTM3U\nfile:///etc/passwd\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        b"PK\x03\x04" + b"\0" * 60,
    ],
)
def test_headers_that_promise_too_much_cost_little(tmp_path, content):
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    begin = time.process_time()
    size = 0
    with suppress(QaError):
        size = decode(path).samples.nbytes
    assert size < 50_000_000
    assert time.process_time() - begin < 20


def test_a_compressed_bomb_is_not_unpacked(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.wav", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.wav", b"\0" * 20_000_000)
    with pytest.raises(QaError):
        decode(tmp_path / "a.wav")


class _Trap:
    def __reduce__(self):
        return (Path.touch, (Path("/tmp/qa-trap-was-sprung"),))


@pytest.mark.parametrize("suffix", ["json", "yaml", "wav"])
def test_a_pickle_is_never_loaded(tmp_path, suffix):
    path = tmp_path / f"x.{suffix}"
    path.write_bytes(pickle.dumps(_Trap()))
    reader = {
        "json": lambda: codec.from_json(Transcript, path.read_bytes(), place="x"),
        "yaml": lambda: load_scorecard(str(path)),
        "wav": lambda: decode(path),
    }[suffix]
    with pytest.raises((QaError, UnicodeDecodeError)):
        reader()
    assert not Path("/tmp/qa-trap-was-sprung").exists()


@pytest.mark.parametrize(
    "text",
    [
        "!!python/object/apply:os.system ['touch /tmp/qa-trap-was-sprung']",
        "id: !!python/name:os.system\n",
        "a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nid: *c\n",
    ],
)
def test_yaml_makes_no_objects(tmp_path, text):
    path = tmp_path / "card.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(QaError):
        load_scorecard(str(path))
    assert not Path("/tmp/qa-trap-was-sprung").exists()


BOMBS = {
    "letters": "a " * 4_000,
    "dots": "ab-1" * 3_000,
    "at": "a dot " * 2_000,
    "addresses": "12 Ab " * 2_000,
    "areas": "北京市海淀区" * 2_000,
    "surnames": "王" * 10_000,
    "spoken": "一" * 10_000,
    "mixed": "王a1." * 2_000,
    "lines": "1 a\n" * 2_000,
    "brackets": "(" * 10_000,
    "placeholders": "[电话1]" * 1_500,
    "open brackets": "[" * 10_000,
}


@pytest.mark.parametrize("name", BOMBS)
def test_no_text_is_a_bomb_for_the_recognisers(name):
    begin = time.process_time()
    detect(BOMBS[name])
    assert time.process_time() - begin < 15


def test_a_call_that_is_nearly_all_digits_is_read_and_hidden():
    turns = tuple(
        Turn(
            index=at,
            role=Role.CUSTOMER if at % 2 else Role.AGENT,
            speaker="right" if at % 2 else "left",
            start_ms=at * 1000,
            end_ms=at * 1000 + 900,
            text="一三八零零一三八零零零，" * 3 if at % 2 else "嗯，再说一遍。",
        )
        for at in range(20)
    )
    call = Transcript(call_id="c", language="zh", duration_ms=20_000, turns=turns)
    shown = redact_transcript(call).transcript
    assert not any("一三八零" in turn.text for turn in shown.turns)


@pytest.mark.parametrize(
    "uri", ["/etc/passwd", "file:///etc/passwd", "s3://bucket/a.wav", "{folder}/../outside.wav"]
)
def test_retention_deletes_nothing_outside_its_folder(tmp_path, uri):
    folder = tmp_path / "recordings"
    folder.mkdir()
    outside = tmp_path / "outside.wav"
    outside.write_bytes(b"x")
    assert _remove(uri.format(folder=folder), str(folder))
    assert outside.exists()
    assert Path("/etc/passwd").exists()


def test_a_link_inside_the_folder_does_not_lead_deletion_out_of_it(tmp_path):
    folder = tmp_path / "recordings"
    folder.mkdir()
    outside = tmp_path / "outside.wav"
    outside.write_bytes(b"x")
    (folder / "a.wav").symlink_to(outside)
    assert _remove(str(folder / "a.wav"), str(folder))
    assert outside.exists()


def test_no_page_gives_sound_to_streamlits_own_media_store():
    """Its addresses are served to whoever asks; sound goes by signed ones (`dashboards.sound`)."""
    pages = Path(frame.__file__).parent.rglob("*.py")
    found = [
        path.name for path in pages if re.search(r"\.(audio|video)\(", path.read_text("utf-8"))
    ]
    assert found == []


def test_a_local_file_is_opened_as_bytes_only(tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(b"x")
    with open_file(str(path)) as file:
        assert file.read() == b"x"
