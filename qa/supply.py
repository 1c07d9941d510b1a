"""What the system is made of: a bill of materials, and installed packages against the lock.

Works without network. Known vulnerabilities are looked up in a folder or file of OSV records
(osv.dev, `PyPI/all.zip` unpacked) that the site fetched where it has a network.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

from packaging.version import InvalidVersion, Version

from qa.errors import SettingsError

_PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>\S+?)(?:\s*;.*)?$")
#: Set-up tools, which no lock pins.
_TOOLS = frozenset({"pip", "setuptools", "wheel", "call-quality"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplyFinding:
    """Something about a package that somebody should look at.

    `kind`: `missing`, `different`, `unpinned` (installed, not in the lock), or `vulnerable`.
    """

    kind: str
    package: str
    installed: str
    expected: str = ""
    advisory: str = ""


def read_lock(path: Path) -> dict[str, str]:
    """Package → version of a constraints file.

    Raises:
        SettingsError: It cannot be read, or a line is no exact pin.
    """
    pins: dict[str, str] = {}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise SettingsError("there is no lock", str(path), "name constraints.txt") from error
    for number, line in enumerate(lines, start=1):
        text = line.partition("#")[0].strip()
        if not text or text.startswith("--"):
            continue
        match = _PIN.match(text)
        if match is None:
            raise SettingsError("not an exact pin", f"{path}:{number}", "write NAME==VERSION")
        pins[canonical(match["name"])] = match["version"]
    return pins


def canonical(name: str) -> str:
    """A package's name as PEP 503 normalises it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def installed() -> dict[str, Distribution]:
    """Installed distributions by canonical name."""
    found = {canonical(one.metadata["Name"]): one for one in distributions() if one.metadata}
    return dict(sorted(found.items()))


def check_supply(
    pins: Mapping[str, str],
    here: Mapping[str, str],
    advisories: Iterable[Mapping[str, Any]] = (),
) -> list[SupplyFinding]:
    """Differences between lock and installation, and known vulnerabilities of what is installed.

    Args:
        pins: From `read_lock`.
        here: Installed versions by canonical name.
        advisories: OSV records (schema 1.6); withdrawn ones do not count.
    """
    found: list[SupplyFinding] = []
    for name, version in pins.items():
        if name not in here:
            found.append(
                SupplyFinding(kind="missing", package=name, installed="", expected=version)
            )
        elif here[name].partition("+")[0] != version.partition("+")[0]:
            found.append(
                SupplyFinding(
                    kind="different", package=name, installed=here[name], expected=version
                )
            )
    found += [
        SupplyFinding(kind="unpinned", package=name, installed=version)
        for name, version in here.items()
        if name not in pins and name not in _TOOLS
    ]
    return found + list(_vulnerable(here, advisories))


def read_advisories(path: Path) -> Iterator[dict[str, Any]]:
    """OSV records of a JSON file (one, or a list) or of a folder of them."""
    files = sorted(path.rglob("*.json")) if path.is_dir() else [path]
    for file in files:
        content = json.loads(file.read_text(encoding="utf-8"))
        yield from content if isinstance(content, list) else [content]


def _vulnerable(
    here: Mapping[str, str], advisories: Iterable[Mapping[str, Any]]
) -> Iterator[SupplyFinding]:
    for record in advisories:
        if record.get("withdrawn"):
            continue
        for affected in record.get("affected", ()):
            package = affected.get("package", {})
            name = canonical(package.get("name", ""))
            if package.get("ecosystem") != "PyPI" or name not in here:
                continue
            if here[name] in affected.get("versions", ()) or _in_range(here[name], affected):
                yield SupplyFinding(
                    kind="vulnerable",
                    package=name,
                    installed=here[name],
                    expected=_fixed(affected),
                    advisory=str(record.get("id", "")),
                )


def _in_range(version: str, affected: Mapping[str, Any]) -> bool:

    try:
        mine = Version(version)
        for each in affected.get("ranges", ()):
            if each.get("type") != "ECOSYSTEM":
                continue
            inside = False
            for event in each["events"]:
                inside = _after(mine, event, inside=inside)
            if inside:
                return True
    except InvalidVersion:
        return False
    return False


def _after(mine: Version, event: Mapping[str, str], *, inside: bool) -> bool:
    """Whether the version is affected once an event of the range is counted (OSV, in order)."""
    if "introduced" in event:
        return inside or mine >= Version(event["introduced"])
    if "fixed" in event:
        return inside and mine < Version(event["fixed"])
    if "last_affected" in event:
        return inside and mine <= Version(event["last_affected"])
    return inside


def _fixed(affected: Mapping[str, Any]) -> str:
    fixes = (e["fixed"] for r in affected.get("ranges", ()) for e in r["events"] if "fixed" in e)
    return next(fixes, "")


def bill_of_materials(
    packages: Iterable[Distribution], packs: Iterable[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """CycloneDX 1.5 (ECMA-424) of packages and model packs, with licences and hashes.

    Args:
        packages: Installed distributions.
        packs: Model packs: `name`, `licence`, `files` [{name, sha256}].
    """
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{uuid.uuid4()}",
        "version": 1,
        "components": [*map(_component, packages), *map(_model, packs)],
    }


def _component(one: Distribution) -> dict[str, Any]:
    name, version = canonical(one.metadata["Name"]), one.version
    named = one.metadata.get_all("License-Expression") or one.metadata.get_all("License")
    licence = str(named[0]) if named else ""
    return {
        "type": "library",
        "bom-ref": f"pkg:pypi/{name}@{version}",
        "name": name,
        "version": version,
        "purl": f"pkg:pypi/{name}@{version}",
        **({"licenses": [{"license": {"name": licence.splitlines()[0][:100]}}]} if licence else {}),
    }


def _model(pack: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "machine-learning-model",
        "bom-ref": f"model:{pack['name']}",
        "name": pack["name"],
        "licenses": [{"license": {"name": pack["licence"]}}],
        "components": [
            {
                "type": "file",
                "name": file["name"],
                "hashes": [{"alg": "SHA-256", "content": file["sha256"]}],
            }
            for file in pack["files"]
        ],
    }
