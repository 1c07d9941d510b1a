"""The table of model packs as values: which archives, which files, which hashes."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa import codec
from qa.packfetch import Archive


@dataclass(frozen=True, slots=True, kw_only=True)
class PackFile:
    """One file of a pack: `sources` are `archive:member`, joined in this order."""

    name: str
    size: int
    sha256: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """Named weights.

    Attributes:
        purpose: Language code (`en`, `zh`) → one line for people.
        assemble: `module:function` that turns the raw file into a folder a library can load, or
            `""`. Called by the command layer with the pack's folder; never imported by `qa`.
    """

    name: str
    licence: str
    purpose: Mapping[str, str]
    files: tuple[PackFile, ...]
    assemble: str = ""

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return sum(file.size for file in self.files)

    @property
    def archive_keys(self) -> tuple[str, ...]:
        """The archives the files come from, each once."""
        keys = (source.partition(":")[0] for file in self.files for source in file.sources)
        return tuple(dict.fromkeys(keys))

    def digest(self) -> str:
        """Identity of the contents; part of every engine stamp made with this pack."""
        return codec.digest([[file.name, file.sha256] for file in self.files])


def read_table(path: Path) -> tuple[dict[str, Pack], dict[str, Archive]]:
    """Packs and archives of a table file like `models.toml`, by name."""
    table = tomllib.loads(path.read_text("utf-8"))
    archives = {key: Archive(key=key, **entry) for key, entry in table["archives"].items()}
    packs = {name: _pack(name, entry) for name, entry in table["packs"].items()}
    return packs, archives


def _pack(name: str, entry: dict[str, Any]) -> Pack:
    files = tuple(
        PackFile(
            name=item["name"], size=item["size"], sha256=item["sha256"], sources=tuple(item["from"])
        )
        for item in entry["files"]
    )
    return Pack(
        name=name,
        licence=entry["licence"],
        purpose=entry["purpose"],
        files=files,
        assemble=entry.get("assemble", ""),
    )
