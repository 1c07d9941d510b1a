"""Lock, installation and advisories compared; the bill of materials names everything."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from flows.cli import app
from qa.errors import SettingsError
from qa.supply import check_supply, installed, read_lock

ADVISORY = {
    "id": "PYSEC-0000-1",
    "affected": [
        {
            "package": {"ecosystem": "PyPI", "name": "Some_Thing"},
            "ranges": [
                {
                    "type": "ECOSYSTEM",
                    "events": [{"introduced": "1.0"}, {"fixed": "1.5"}, {"introduced": "2.0"}],
                }
            ],
        }
    ],
}


def kinds(found):
    return [(one.kind, one.package) for one in found]


@pytest.mark.parametrize(
    ("pins", "here", "expected"),
    [
        ({"a": "1"}, {"a": "1"}, []),
        ({"a": "1"}, {"a": "2"}, [("different", "a")]),
        ({"a": "1"}, {"a": "1+cpu"}, []),
        ({"a": "1"}, {}, [("missing", "a")]),
        ({}, {"a": "1"}, [("unpinned", "a")]),
        ({}, {"pip": "1"}, []),
    ],
)
def test_installed_against_the_lock(pins, here, expected):
    assert kinds(check_supply(pins, here)) == expected


@pytest.mark.parametrize(
    ("version", "hit"),
    [("0.9", False), ("1.0", True), ("1.4.9", True), ("1.5", False), ("1.9", False), ("2.1", True)],
)
def test_a_vulnerable_version_is_found_by_its_range(version, hit):
    found = check_supply({"some-thing": version}, {"some-thing": version}, [ADVISORY])
    assert [one.kind for one in found] == (["vulnerable"] if hit else [])
    assert not hit or (found[0].advisory, found[0].expected) == ("PYSEC-0000-1", "1.5")


def test_a_withdrawn_advisory_does_not_count():
    withdrawn = ADVISORY | {"withdrawn": "2026-01-01"}
    assert check_supply({"some-thing": "1.1"}, {"some-thing": "1.1"}, [withdrawn]) == []


def test_a_line_that_is_no_pin_is_named(tmp_path):
    path = tmp_path / "lock.txt"
    path.write_text("a==1\nb>=2\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="not an exact pin") as raised:
        read_lock(path)
    assert raised.value.place.endswith(":2")


def test_the_commands(tmp_path):
    here = {name: one.version for name, one in installed().items()}
    lock = tmp_path / "lock.txt"
    lock.write_text("\n".join(f"{name}=={version}" for name, version in here.items()))
    done = CliRunner().invoke(app, ["supply", "check", "--lock", str(lock), "--json"])
    assert (done.exit_code, json.loads(done.stdout)) == (0, [])
    done = CliRunner().invoke(app, ["supply", "sbom", str(tmp_path / "bom.json")])
    assert done.exit_code == 0, done.output
    bill = json.loads((tmp_path / "bom.json").read_text(encoding="utf-8"))
    names = {one["name"] for one in bill["components"]}
    assert {"sqlalchemy", "whisper-base"} <= names
    (pack,) = [one for one in bill["components"] if one["name"] == "whisper-base"]
    assert all(len(file["hashes"][0]["content"]) == 64 for file in pack["components"])
