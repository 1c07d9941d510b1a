"""`qa models`: pull, list and verify model packs."""

from __future__ import annotations

from typing import Annotated

import typer

from flows.output import note, print_json, print_table

group = typer.Typer(no_args_is_help=True, help="Model weights: fetch by name, check by SHA-256.")


def register(app: typer.Typer) -> None:
    """Add the group to `qa`."""
    app.add_typer(group, name="models")


@group.command()
def pull(
    names: Annotated[
        list[str] | None, typer.Argument(help="Pack names; default: all needed.")
    ] = None,
) -> None:
    """Fetch model packs that are missing. Does nothing, at once, when they are there."""
    from flows.packs import pull_packs  # noqa: PLC0415

    for name, path in pull_packs(names or []):
        note(f"{name}: {path}")


@group.command("list")
def list_(json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Show known packs, which of them are here, and where."""
    from flows.headings import in_words, side  # noqa: PLC0415
    from qa import codec, modelpacks  # noqa: PLC0415

    rows = [codec.to_plain(row) for row in modelpacks.status()]
    if json:
        print_json(rows)
        return
    print_table(
        "Model packs",
        ["name", "state", "MB", "licence", "purpose", "path"],
        [
            [
                *(row["name"], in_words(row["state"]), round(row["size"] / 1e6), row["licence"]),
                *(row["purpose"].get(side(), ""), row["path"]),
            ]
            for row in rows
        ],
    )


@group.command()
def verify(
    names: Annotated[
        list[str] | None, typer.Argument(help="Pack names; default: all here.")
    ] = None,
) -> None:
    """Hash the files of packs again and compare with the pinned values."""
    from flows.packs import verify_packs  # noqa: PLC0415

    for name in verify_packs(names or []):
        note(f"{name}: every file is what its hash says")
