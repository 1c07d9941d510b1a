"""`qa dashboard`, `qa db`: the site itself."""

from __future__ import annotations

from typing import Annotated

import typer

from flows.output import note

db = typer.Typer(no_args_is_help=True, help="The store's schema.")


def register(app: typer.Typer) -> None:
    """Add the commands to `qa`."""
    app.command()(dashboard)
    app.add_typer(db, name="db")


def dashboard(
    store: Annotated[str, typer.Option(help="Store URL.")] = "",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8501,
    address: Annotated[str, typer.Option(help="Where to listen.")] = "127.0.0.1",
) -> None:
    """Serve the dashboard and print its address."""
    from flows.serve import serve_dashboard  # noqa: PLC0415

    raise typer.Exit(serve_dashboard(store=store, port=port, address=address))


@db.command()
def upgrade(store: Annotated[str, typer.Option(help="Store URL.")] = "") -> None:
    """Create the store's tables, or bring them up to this version."""
    from qa.settings import load_settings  # noqa: PLC0415
    from qa.store import connect  # noqa: PLC0415

    with connect(store or load_settings().store, upgrade=True) as opened:
        note(f"{opened.url}: up to date")
