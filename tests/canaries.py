"""Canaries: personal data planted in what is said, and finding them in bytes (issue 9)."""

from __future__ import annotations

import gzip
import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
import zlib
from contextlib import suppress
from dataclasses import replace

from qa import codec
from qa.calls import Role
from qa.crypto import new_key
from qa.ingest import ingest_many
from qa.sources import SourceItem, list_source
from qa.store import connect
from tests.demo_store import SAMPLES, truth_transcript

CALL = "zh-03-complaint-handled-badly"
#: What a customer says, and the parts of it that must be nowhere: none of them words that Prefect's
#: own texts hold (example.com is one).
CANARIES = {
    "我叫欧阳锦程，手机号是幺三九八七六五四三二幺。": ("欧阳锦程", "幺三九八七六五四三二幺"),
    "身份证号码是11010119900307109X。": ("11010119900307109X", "19900307"),
    "卡号是四零一二八八八八，八八八八一八八一。": ("四零一二八八八八", "八八八八一八八一"),
    "背面的三位安全码是七三九。": ("七三九",),
    "我的密码是八六三二一五。": ("八六三二一五",),
    "邮箱是canary.bird@zeisigpost.com。": ("canary.bird", "zeisigpost"),
    "我住在朝阳区望京街道阜通东大街6号院3单元1502室。": ("阜通东大街", "1502室"),
    "My name is Zebediah Quux, call me at 202 555 0142.": ("Zebediah", "Quux", "555 0142"),
}
WORDS = tuple(word for words in CANARIES.values() for word in words)


def planted():
    """The truth of a sample call, with the customer's lines replaced by canaries."""
    with connect("sqlite://", upgrade=True) as store:
        items = [one for one in list_source(str(SAMPLES / "calls")) if isinstance(one, SourceItem)]
        mine = [one for one in items if one.details.call_id == CALL]
        (taken,) = ingest_many(mine, store)
        heard = truth_transcript(taken.call)
    lines = iter(CANARIES)
    turns = [
        replace(turn, text=next(lines, turn.text), raw_text="")
        if turn.role is Role.CUSTOMER
        else turn
        for turn in heard.turns
    ]
    rest = "".join(lines)  # the agent repeats what no customer turn had room for
    agent = max(at for at, turn in enumerate(turns) if turn.role is Role.AGENT)
    turns[agent] = replace(turns[agent], text=rest + turns[agent].text)
    return replace(heard, turns=tuple(turns))


def private(home):
    """An environment in which a program writes below `home` only: its data, and what is for a while."""
    (home / "tmp").mkdir(exist_ok=True)
    return {**os.environ, "QA_HOME": str(home), "TMPDIR": str(home / "tmp")}


def qa(*arguments, home, check=True, **environment):
    """Run the command as a person does; everything that it prints is kept beside its data."""
    command = [sys.executable, "-m", "flows.cli", "--log-level", "DEBUG", *map(str, arguments)]
    environ = {**private(home), "QA_RUN__SETTLE_SECONDS": "0", **environment}
    environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "240")
    done = subprocess.run(
        command, capture_output=True, text=True, env=environ, timeout=600, check=False
    )
    number = len(list(home.glob("printed-*")))
    (home / f"printed-{number}-{arguments[0]}.txt").write_text(done.stdout, encoding="utf-8")
    (home / f"log-{number}-{arguments[0]}.txt").write_text(done.stderr, encoding="utf-8")
    if check:
        assert done.returncode == 0, done.stderr[-3000:]
    return done


def forms(word):
    """A word as files hold it: text, JSON escapes, UTF-16."""
    escaped = json.dumps(word)[1:-1]
    return {word.encode(), escaped.encode(), word.encode("utf-16-le"), word.encode("utf-16-be")}


def sounds():
    """Two loud stretches of the recording as its file holds them: only the raw class may."""
    content = (SAMPLES / "calls" / f"{CALL}.wav").read_bytes()
    every = {at: content[at : at + 512] for at in range(4_096, len(content) - 512, 512)}
    loud = [at for at, stretch in every.items() if len(set(stretch)) > 40]
    return {every[at]: "sound" for at in (loud[0], loud[len(loud) // 2])}


def leaks(folder):
    """Every (file, word) that holds a canary, in words or in sound, packed or not."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            content = path.read_bytes()
            for name, part in ((str(path), content), *_unpacked(str(path), content)):
                found += [(name, word) for word in told(part)]
    return found


def told(content):
    """The canaries in some bytes."""
    wanted = {form: word for word in WORDS for form in forms(word)} | sounds()
    return sorted({word for form, word in wanted.items() if form in content})


def _unpacked(name, content):
    """What stands compressed in an XLSX, a PDF or a packed file."""
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return [(f"{name}:{one}", archive.read(one)) for one in archive.namelist()]
    if content.startswith(b"%PDF"):
        streams = re.findall(rb"stream\r?\n(.*?)endstream", content, re.DOTALL)
        return [(f"{name}:{at}", _inflated(one)) for at, one in enumerate(streams)]
    return [(f"{name}:gzip", gzip.decompress(content))] if content[:2] == b"\x1f\x8b" else []


def _inflated(stream):
    with suppress(zlib.error):
        return zlib.decompressobj().decompress(stream)
    return stream


def canary_night(folder, home, given):
    """`qa run` over a call whose recogniser hears canaries; its environment."""
    shutil.copy(SAMPLES / "calls" / f"{CALL}.wav", folder)
    (folder / "manifest.csv").write_text(
        f"file,call_id,layout,customer,customer_name\n{CALL}.wav,{CALL},agent_right,C-9,欧阳锦程\n",
        encoding="utf-8",
    )
    heard = given / "heard.json"
    heard.write_text(codec.to_json(planted()), encoding="utf-8")
    environment = {
        "QA_ASR__ENGINE": "replay",
        "QA_ASR__MODEL": str(heard),
        "QA_SENTIMENT__ENGINE": "lexicon",
        "QA_INSIGHT__ENCODER": "",
        "QA_RAW_KEY": new_key(),
    }
    qa("run", folder, "--json", home=home, **environment)
    return environment
