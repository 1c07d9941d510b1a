"""Backup and restore of a site: one archive, the same for SQLite and PostgreSQL.

The archive is a tar file with `store.sqlite` (a consistent copy of the store), the site's settings,
scorecards, lexicons and key, the list of models with their hashes, and `manifest.json` with the
SHA-256 of each of them and the digest of every table. Recordings only when asked for.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from qa import modelpacks, runtime
from qa.errors import StoreError
from qa.settings import Settings, load_settings, settings_file
from qa.sources import local_path
from qa.store import Store, connect
from qa.store.copying import Told, copy_store, digests
from qa.store.migrate import newest

FORMAT = 1
_BLOCK = 1 << 20
_STORE = "store.sqlite"
_MANIFEST = "manifest.json"
_KEY = "customer.key"


def back_up(
    target: Path, *, store: str = "", audio: bool = False, tell: Told = lambda *_: None
) -> dict[str, Any]:
    """Write an archive; an unfinished one never has the target's name.

    Args:
        target: The archive to make; it must not exist.
        store: URL; the site's when empty.
        audio: Local recordings too.
        tell: Told about progress.

    Raises:
        StoreError: The target exists, or the store cannot be read.
    """
    if target.exists():
        raise StoreError("this file exists", str(target), "name a new file for every backup")
    settings = load_settings()
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".qa-backup-") as folder:
            snapshot = Path(folder) / _STORE
            with connect(store or settings.store) as opened:
                opened.require_current()
                tables = _snapshot(opened, snapshot, tell)
                sound = list(_recordings(opened)) if audio else []
            manifest = _pack(draft, snapshot, settings, tables, sound)
        draft.chmod(0o600)  # it holds everything the site knows
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return manifest


def _snapshot(opened: Store, target: Path, tell: Told) -> list[dict[str, Any]]:
    with connect(f"sqlite:///{target}", upgrade=True) as copy:
        tables = copy_store(opened, copy, tell=tell)
        copy.database.engine.dispose()
    return [asdict(table) for table in tables]


def _pack(
    target: Path,
    snapshot: Path,
    settings: Settings,
    tables: list[dict[str, Any]],
    sound: list[tuple[str, Path]],
) -> dict[str, Any]:
    files: dict[str, str] = {}
    with tarfile.open(target, "w") as archive:
        for name, path in [(_STORE, snapshot), *_site_files(settings), *sound]:
            files[name] = _sha256(path)
            archive.add(path, name, recursive=False)
        manifest = {
            "format": FORMAT,
            "revision": newest(),
            "tables": tables,
            "files": files,
            "models": [
                {"name": row.name, "state": row.state, "size": row.size}
                for row in modelpacks.status()
            ],
        }
        body = json.dumps(manifest, ensure_ascii=False, indent=1).encode()
        entry = tarfile.TarInfo(_MANIFEST)
        entry.size = len(body)
        archive.addfile(entry, io.BytesIO(body))
    return manifest


def _site_files(settings: Settings) -> Iterator[tuple[str, Path]]:
    """What makes the site itself: settings, own scorecards and lexicons, word lists, the key."""
    if settings_file().is_file():
        yield "site/qa.toml", settings_file()
    key = runtime.data_home() / _KEY
    if key.is_file():
        yield f"site/{_KEY}", key
    if settings.scoring.folder:
        root = Path(settings.scoring.folder)
        for path in sorted(path for path in root.rglob("*") if path.is_file()):
            yield f"site/scorecards/{path.relative_to(root).as_posix()}", path
    for name in (settings.asr.corrections, settings.insight.reasons):
        if name and Path(name).is_file():
            yield f"site/{Path(name).name}", Path(name)


def _recordings(opened: Store) -> Iterator[tuple[str, Path]]:
    for row in opened.calls.find(limit=10_000_000):
        path = local_path(row.uri)
        if path is not None and path.is_file():
            yield f"audio/{row.sha256}{path.suffix}", path


def restore(
    archive: Path, *, store: str = "", home: Path | None = None, tell: Told = lambda *_: None
) -> dict[str, Any]:
    """Bring an archive back into an empty store and a folder for the site's files, verified.

    Args:
        archive: What `back_up` wrote.
        store: URL of an empty store; the site's when empty.
        home: Where the key, scorecards and recordings go; the data home when None.
        tell: Told about progress.

    Raises:
        StoreError: The archive is damaged or of a newer version, or the place is not empty.
    """
    home = home or runtime.data_home()
    with tempfile.TemporaryDirectory(prefix="qa-restore-") as folder:
        manifest = unpack_verified(archive, Path(folder))
        with (
            connect(f"sqlite:///{Path(folder) / _STORE}", upgrade=True) as copy,
            connect(store or load_settings().store, upgrade=True) as target,
        ):
            tables = [asdict(table) for table in copy_store(copy, target, tell=tell)]
            place = target.url
        _put_back(Path(folder), home)
    return {"store": place, "tables": tables, "files": sorted(manifest["files"])}


def unpack_verified(archive: Path, folder: Path) -> dict[str, Any]:
    """Unpack and compare every file's hash with the manifest.

    Raises:
        StoreError: Something is missing, changed, or not a backup at all.
    """
    try:
        with tarfile.open(archive) as opened:
            opened.extractall(folder, filter="data")
        manifest: dict[str, Any] = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
    except (OSError, tarfile.TarError, ValueError) as error:
        raise StoreError(
            f"this is no whole backup ({type(error).__name__})", str(archive), "take another one"
        ) from error
    if manifest.get("format", 0) > FORMAT:
        raise StoreError("the backup is of a newer version", str(archive), "update the program")
    for name, wanted in manifest["files"].items():
        path = folder / name
        if not path.is_file() or _sha256(path) != wanted:
            raise StoreError(f"{name} is damaged", str(archive), "take another backup")
    return manifest


def verify(archive: Path) -> dict[str, Any]:
    """Check an archive without restoring it: hashes, database, and the digest of every table.

    Raises:
        StoreError: It would not come back whole.
    """
    with tempfile.TemporaryDirectory(prefix="qa-verify-") as folder:
        manifest = unpack_verified(archive, Path(folder))
        if manifest["revision"] == newest():
            with connect(f"sqlite:///{Path(folder) / _STORE}", read_only=True) as copy:
                found = [asdict(table) for table in digests(copy)]
            if found != manifest["tables"]:
                raise StoreError("the store is damaged", str(archive), "take another backup")
    return manifest


def _put_back(folder: Path, home: Path) -> None:
    """The site's files; what exists is kept, and the restored one stands beside it."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        inside = path.relative_to(folder)
        if inside.parts[0] not in ("site", "audio"):
            continue
        target = home.joinpath(*inside.parts[1:] if inside.parts[0] == "site" else inside.parts)
        if target.exists() and _sha256(target) != _sha256(path):
            target = target.with_name(f"{target.name}.restored")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
        if target.name.startswith(_KEY):
            target.chmod(0o600)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def copy_between(source: str, target: str, *, tell: Told = lambda *_: None) -> list[dict[str, Any]]:
    """`qa db copy`: move a site to another database.

    Raises:
        StoreError: The target is not empty, or a table came out different.
    """
    with connect(source) as here, connect(target, upgrade=True) as there:
        here.require_current()
        return [asdict(table) for table in copy_store(here, there, tell=tell)]
