"""Model packs: named, hash-pinned open weights, fetched once and found by name afterwards.

The table is `models.toml`. A pack lives in `MODEL FOLDER/NAME/` and is complete when its stamp
file `.verified` is there: the stamp is written last, inside the folder that is renamed into place.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import filelock
import platformdirs

from qa.errors import ModelError
from qa.packfetch import fetch, join_members, sha256_of
from qa.packtable import Pack, PackFile, read_table

STAMP = ".verified"
#: What the night shift needs; `qa models pull` without names fetches these.
DEFAULT_PACKS = ("whisper-base", "segmentation-3.0", "campplus-zh-en")


@dataclass(frozen=True, slots=True, kw_only=True)
class PullProgress:
    """Where a pull stands. `step` is `present`, `waiting`, `download`, `unpack` or `done`."""

    pack: str
    step: str
    done_bytes: int = 0
    total_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PackStatus:
    """One row of `qa models list`. `state` is `ready`, `missing`, `damaged` or `outdated`."""

    name: str
    state: str
    path: Path
    size: int
    licence: str
    purpose: Mapping[str, str]


Progress = Callable[[PullProgress], None]


PACKS, ARCHIVES = read_table(Path(__file__).with_name("models.toml"))


def model_folder() -> Path:
    """Where packs live: `QA_MODELS_DIR`, else the user's cache folder."""
    given = os.environ.get("QA_MODELS_DIR", "")
    if given:
        return Path(given).expanduser()
    return Path(platformdirs.user_cache_dir("call-quality", appauthor=False)) / "models"


def find_pack(name: str) -> Pack:
    """The pack of that name.

    Raises:
        ModelError: No pack has this name.
    """
    if name not in PACKS:
        raise ModelError(
            f"no model pack is called {name!r}", "models", f"one of {', '.join(PACKS)}"
        )
    return PACKS[name]


def locate(name: str) -> Path:
    """Folder of a complete pack. Looks at names and sizes only; `verify` reads every byte.

    Raises:
        ModelError: The pack is unknown, missing, damaged or of another version.
    """
    pack = find_pack(name)
    state = _state(pack)
    if state == "ready":
        return _place(pack)
    raise ModelError(f"the model pack is {state}", name, f"run `qa models pull {name}`")


def status() -> tuple[PackStatus, ...]:
    """Every pack with its state, without hashing."""
    return tuple(
        PackStatus(
            name=pack.name,
            state=_state(pack),
            path=_place(pack),
            size=pack.size,
            licence=pack.licence,
            purpose=pack.purpose,
        )
        for pack in PACKS.values()
    )


def verify(name: str) -> Path:
    """Hash every file of a pack again and return its folder.

    Raises:
        ModelError: The pack is not complete, or a file is not what its SHA-256 says. A damaged
            pack is marked so: `locate` refuses it until it has been pulled again.
    """
    folder = locate(name)
    for file in find_pack(name).files:
        if sha256_of(folder / file.name) != file.sha256:
            (folder / STAMP).unlink(missing_ok=True)
            raise ModelError(
                f"{file.name} is not what its SHA-256 says", name, f"run `qa models pull {name}`"
            )
    return folder


def pull(
    names: Iterable[str] = DEFAULT_PACKS, *, progress: Progress | None = None
) -> dict[str, Path]:
    """Make the named packs complete and return their folders.

    Instant for packs that are there. Verified archives of an interrupted pull are used again, and
    two processes may pull at once: the second waits and finds the work done.

    Raises:
        ModelError: Unknown name, no network, wrong hash, or a folder that cannot be written.
    """
    tell = progress or (lambda _: None)
    packs = [find_pack(name) for name in dict.fromkeys(names)]
    wanted = [pack for pack in packs if not _told_present(pack, tell)]
    if wanted:
        with _writing(), _locked(wanted[0], tell) as downloads:
            for pack in wanted:
                if not _told_present(pack, tell):
                    _install(pack, downloads, tell)
            shutil.rmtree(downloads, ignore_errors=True)
    return {pack.name: _place(pack) for pack in packs}


def _install(pack: Pack, downloads: Path, tell: Progress) -> None:
    archives = _fetch_all(pack, downloads, tell)
    with tempfile.TemporaryDirectory(dir=downloads, prefix="unpack-") as workspace:
        fresh = Path(workspace) / "pack"
        done = 0
        for file in pack.files:
            step = PullProgress(
                pack=pack.name, step="unpack", done_bytes=done, total_bytes=pack.size
            )
            tell(step)
            _unpack(file, archives, fresh)
            done += file.size
        (fresh / STAMP).write_text(_stamp(pack), "utf-8")
        _swap(fresh, _place(pack), Path(workspace) / "old")
    tell(PullProgress(pack=pack.name, step="done", done_bytes=pack.size, total_bytes=pack.size))


def _fetch_all(pack: Pack, downloads: Path, tell: Progress) -> dict[str, Path]:
    wanted = [ARCHIVES[key] for key in pack.archive_keys]
    total = sum(archive.size for archive in wanted)
    found: dict[str, Path] = {}
    before = 0
    for archive in wanted:
        report = partial(_tell_download, tell, pack.name, before, total)
        found[archive.key] = fetch(archive, downloads, report=report)
        before += archive.size
    return found


def _tell_download(tell: Progress, pack: str, before: int, total: int, done: int) -> None:
    tell(PullProgress(pack=pack, step="download", done_bytes=before + done, total_bytes=total))


def _unpack(file: PackFile, archives: Mapping[str, Path], folder: Path) -> None:
    target = folder / file.name
    target.parent.mkdir(parents=True, exist_ok=True)
    join_members(archives, file.sources, target, limit=file.size)
    if sha256_of(target) != file.sha256:
        raise ModelError(
            f"{file.name} is not what its SHA-256 says", file.sources[0], "report this"
        )


def _swap(fresh: Path, place: Path, old: Path) -> None:
    """Put the new folder in place; a reader sees the old pack or the new one, never half of it."""
    if place.exists():
        place.rename(old)
    fresh.rename(place)


def _told_present(pack: Pack, tell: Progress) -> bool:
    ready = _state(pack) == "ready"
    if ready:
        step = PullProgress(
            pack=pack.name, step="present", done_bytes=pack.size, total_bytes=pack.size
        )
        tell(step)
    return ready


def _place(pack: Pack) -> Path:
    return model_folder() / pack.name


def _stamp(pack: Pack) -> str:
    return json.dumps({"digest": pack.digest(), "licence": pack.licence})


def _state(pack: Pack) -> str:
    folder = _place(pack)
    if not folder.is_dir():
        return "missing"
    try:
        stamp = json.loads((folder / STAMP).read_text("utf-8"))
        sizes = [(folder / file.name).stat().st_size for file in pack.files]
    except (OSError, ValueError):
        return "damaged"
    if not isinstance(stamp, dict) or stamp.get("digest") != pack.digest():
        return "outdated"
    return "ready" if sizes == [file.size for file in pack.files] else "damaged"


@contextmanager
def _locked(pack: Pack, tell: Progress) -> Iterator[Path]:
    downloads = model_folder() / ".downloads"
    model_folder().mkdir(parents=True, exist_ok=True)
    lock = filelock.FileLock(model_folder() / ".lock")
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        tell(PullProgress(pack=pack.name, step="waiting"))
        lock.acquire()
    try:
        downloads.mkdir(exist_ok=True)
        yield downloads
    finally:
        lock.release()


@contextmanager
def _writing() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ModelError(
            f"cannot write model files: {error.strerror or error}",
            str(model_folder()),
            "free some space there, or set QA_MODELS_DIR to a folder that can be written",
        ) from error
