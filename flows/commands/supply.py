"""`qa supply`: what is installed, against the lock and known vulnerabilities; bill of materials."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.output import note, print_json, print_table

group = typer.Typer(no_args_is_help=True, help="What this installation is made of.")


def register(app: typer.Typer) -> None:
    """Add the group to `qa`."""
    app.add_typer(group, name="supply")


@group.command()
def check(
    *,
    lock: Annotated[Path, typer.Option(help="The lock.")] = Path("constraints.txt"),
    advisories: Annotated[
        Path | None, typer.Option(help="OSV records: a JSON file, or a folder of them.")
    ] = None,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Compare installed packages with the lock and, where given, with known vulnerabilities.

    JSON: [{kind: missing|different|unpinned|vulnerable, package, installed, expected, advisory}].
    Exit code 3 when a package differs from the lock or is vulnerable.
    """
    from qa import codec  # noqa: PLC0415
    from qa.supply import check_supply, installed, read_advisories, read_lock  # noqa: PLC0415

    here = {name: one.version for name, one in installed().items()}
    known = read_advisories(advisories) if advisories else ()
    found = check_supply(read_lock(lock), here, known)
    if json:
        print_json([codec.to_plain(one) for one in found])
    else:
        rows = [[f.kind, f.package, f.installed, f.expected, f.advisory] for f in found]
        print_table("Packages", ("kind", "package", "installed", "expected", "advisory"), rows)
        if advisories is None:
            note("no advisories were given: only the lock was compared")
    if any(one.kind in ("different", "vulnerable") for one in found):
        raise typer.Exit(3)


@group.command()
def sbom(file: Annotated[Path, typer.Argument(help="Where to write it.")]) -> None:
    """Write a CycloneDX 1.5 bill of materials: packages, and model packs with their hashes."""
    import json  # noqa: PLC0415

    from qa import codec  # noqa: PLC0415
    from qa.modelpacks import PACKS  # noqa: PLC0415
    from qa.supply import bill_of_materials, installed  # noqa: PLC0415

    packs = [codec.to_plain(pack) for pack in PACKS.values()]
    bill = bill_of_materials(installed().values(), packs)
    file.write_text(json.dumps(bill, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    note(f"{len(bill['components'])} components are in {file}")
