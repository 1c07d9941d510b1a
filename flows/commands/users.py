"""`qa users`: who may sign in to the dashboard."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.output import note, print_json, print_table
from qa.access import UserRole

if TYPE_CHECKING:
    from qa.store import Store

users = typer.Typer(no_args_is_help=True, help="Accounts of the dashboard.")
_Store = Annotated[str, typer.Option(help="Store URL.")]


def register(app: typer.Typer) -> None:
    """Add the commands to `qa`."""
    app.add_typer(users, name="users")


@users.command()
def add(
    user_id: Annotated[str, typer.Argument(help="Account name.")],
    *,
    role: Annotated[list[UserRole], typer.Option(help="Repeat for several.")],
    name: Annotated[str, typer.Option(help="How pages address the person.")] = "",
    team: Annotated[list[str] | None, typer.Option(help="Team of a leader or coach.")] = None,
    agent: Annotated[str, typer.Option(help="The person's own agent id.")] = "",
    no_password: Annotated[
        bool, typer.Option(help="For sign-in through OIDC or a proxy only.")
    ] = False,
    store: _Store = "",
) -> None:
    """Add an account and print its one-time password on stdout."""
    from qa.accounts import Account  # noqa: PLC0415

    account = Account(
        user_id=user_id,
        name=name,
        roles=frozenset(role),
        teams=frozenset(team or ()),
        agent_id=agent,
    )
    with _open(store) as opened:
        password = opened.accounts.add(account, by=typist(), with_password=not no_password)
    note(f"{account.user_id}: added as {', '.join(sorted(account.roles))}")
    _tell(password)


@users.command("list")
def list_(*, as_json: Annotated[bool, typer.Option("--json")] = False, store: _Store = "") -> None:
    """List accounts."""
    with _open(store) as opened:
        found = opened.accounts.all()
    rows = [
        {
            "user_id": one.user_id,
            "name": one.name,
            "roles": sorted(one.roles),
            "teams": sorted(one.teams),
            "agent_id": one.agent_id,
            "is_active": one.is_active,
            "locked_until": one.locked_until,
            "signed_in_at": one.signed_in_at,
        }
        for one in found
    ]
    if as_json:
        print_json(rows)
        return
    shown = (
        (
            row["user_id"],
            row["name"],
            ", ".join(one.roles),
            ", ".join(one.teams),
            "yes" if one.is_active else "no",
            one.signed_in_at,
        )
        for row, one in zip(rows, found, strict=True)
    )
    print_table("Accounts", ("account", "name", "roles", "teams", "active", "last sign-in"), shown)


@users.command()
def change(
    user_id: Annotated[str, typer.Argument(help="Account name.")],
    *,
    role: Annotated[list[UserRole] | None, typer.Option(help="New roles.")] = None,
    team: Annotated[list[str] | None, typer.Option(help="New teams.")] = None,
    agent: Annotated[str | None, typer.Option(help="New agent id.")] = None,
    active: Annotated[bool | None, typer.Option("--active/--inactive")] = None,
    store: _Store = "",
) -> None:
    """Change roles, teams or agent id, or close an account."""
    from dataclasses import replace  # noqa: PLC0415

    with _open(store) as opened:
        account = opened.accounts.get(user_id)
        changes = {
            "roles": frozenset(role) if role else None,
            "teams": frozenset(team) if team else None,
            "agent_id": agent,
            "is_active": active,
        }
        given: dict[str, Any] = {
            name: value for name, value in changes.items() if value is not None
        }
        opened.accounts.change(replace(account, **given), by=typist())
    note(f"{account.user_id}: changed")


@users.command()
def reset(user_id: str, *, store: _Store = "") -> None:
    """Print a new one-time password; ends the account's sessions."""
    with _open(store) as opened:
        _tell(opened.accounts.reset(user_id, by=typist()))


@users.command()
def unlock(user_id: str, *, store: _Store = "") -> None:
    """Let somebody try again before the lock ends."""
    with _open(store) as opened:
        opened.accounts.unlock(user_id, by=typist())
    note(f"{user_id}: unlocked")


def _tell(password: str) -> None:
    if password:
        note("One-time password; it must be changed at the first sign-in:")
        typer.echo(password)


def typist() -> str:
    """Who types, for the audit event: the account of the machine."""
    try:
        return f"cli:{getpass.getuser()}"
    except (OSError, KeyError):
        return "cli"


def _open(store: str) -> Store:
    from qa.settings import load_settings  # noqa: PLC0415
    from qa.store import connect  # noqa: PLC0415

    return connect(store or load_settings().store, upgrade=True)
