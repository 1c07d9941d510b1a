"""`qa retention`: what is due for deletion, deleting it with a certificate, legal holds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.output import note, print_json, print_table

if TYPE_CHECKING:
    from qa.access import Person
    from qa.retention import Certificate, Plan

_Store = Annotated[str, typer.Option(help="Store URL.")]
_Json = Annotated[bool, typer.Option("--json")]
_Reason = Annotated[str, typer.Option(help="Why; stands in certificate and audit trail.")]

group = typer.Typer(no_args_is_help=True, help="How long data is kept, and deleting it.")


def register(app: typer.Typer) -> None:
    """Add the group to `qa`."""
    app.add_typer(group, name="retention")


@group.command()
def plan(*, store: _Store = "", json: _Json = False) -> None:
    """What is due by the settings of `retention` and by refused consent. Deletes nothing.

    JSON: made_at, counts {class: calls, held}, due [{call_id, sha256, what, happened_at}], held.
    """
    from qa.retention import make_plan  # noqa: PLC0415
    from qa.settings import load_settings  # noqa: PLC0415
    from qa.store import connect  # noqa: PLC0415

    settings = load_settings()
    with connect(store or settings.store, read_only=True) as opened:
        opened.require_current()
        show_plan(make_plan(opened, settings.retention), json=json)


@group.command()
def apply(
    *,
    reason: _Reason,
    yes: Annotated[bool, typer.Option("--yes", help="Really delete.")] = False,
    store: _Store = "",
    certificate: Annotated[Path | None, typer.Option(help="Also write it here.")] = None,
    json: _Json = False,
) -> None:
    """Delete what is due; without --yes only show it. Prints the certificate.

    JSON: kind, made_at, made_by, reason, items [{call_id, what, sha256, files, rows}],
    not_deleted [{call_id, file, why}], backups, digest.
    """
    from qa.retention import apply_plan, make_plan  # noqa: PLC0415
    from qa.settings import load_settings  # noqa: PLC0415
    from qa.store import connect  # noqa: PLC0415

    settings = load_settings()
    with connect(store or settings.store, upgrade=True) as opened:
        due = make_plan(opened, settings.retention)
        if not yes:
            show_plan(due, json=json)
            note("nothing was deleted; add --yes")
            return
        folder = settings.retention.recordings_folder
        made = apply_plan(opened, due, operator(), reason=reason, folder=folder)
    show_certificate(made, certificate, json=json)


@group.command()
def hold(
    *,
    reason: _Reason,
    call: Annotated[str, typer.Option(help="Call id.")] = "",
    customer: Annotated[str, typer.Option(help="Number or id, as in the manifest.")] = "",
    store: _Store = "",
) -> None:
    """Keep a call, or every call of a customer, until the hold is lifted."""
    from qa.retention import place_hold  # noqa: PLC0415
    from qa.settings import load_settings  # noqa: PLC0415
    from qa.store import connect  # noqa: PLC0415

    with connect(store or load_settings().store, upgrade=True) as opened:
        ref = hashed(customer) if customer else ""
        made = place_hold(opened, operator(), call_id=call, customer_ref=ref, reason=reason)
    note(f"hold {made} is in force")


@group.command()
def lift(
    hold_id: Annotated[int, typer.Argument(help="From `qa retention holds`.")],
    *,
    store: _Store = "",
) -> None:
    """End a hold."""
    from qa.retention import lift_hold  # noqa: PLC0415
    from qa.settings import load_settings  # noqa: PLC0415
    from qa.store import connect  # noqa: PLC0415

    with connect(store or load_settings().store, upgrade=True) as opened:
        lift_hold(opened, operator(), hold_id)
    note(f"hold {hold_id} is lifted")


@group.command()
def holds(*, store: _Store = "", json: _Json = False) -> None:
    """Holds in force. JSON: [{id, call_id, customer_ref, reason, made_by, made_at}]."""
    from qa import codec  # noqa: PLC0415
    from qa.settings import load_settings  # noqa: PLC0415
    from qa.store import connect  # noqa: PLC0415

    with connect(store or load_settings().store, read_only=True) as opened:
        rows = [codec.to_plain(one) for one in opened.erasure.holds()]
    if json:
        print_json(rows)
        return
    columns = ("id", "call_id", "customer_ref", "reason", "made_by", "made_at")
    print_table("Holds", columns, [[row[name] for name in columns] for row in rows])


@group.command()
def certificates(*, store: _Store = "") -> None:
    """Every certificate of deletion, newest first, as JSON."""
    from qa.settings import load_settings  # noqa: PLC0415
    from qa.store import connect  # noqa: PLC0415

    with connect(store or load_settings().store, read_only=True) as opened:
        print_json(opened.erasure.certificates())


def operator() -> Person:
    """Who sits at this terminal: the machine's account, named in every event."""
    import getpass  # noqa: PLC0415
    from dataclasses import replace  # noqa: PLC0415

    from qa.access import SYSTEM  # noqa: PLC0415

    return replace(SYSTEM, user_id=f"cli:{getpass.getuser()}")


def hashed(customer: str) -> str:
    """The keyed hash under which a customer is stored."""
    from qa.sources.customers import customer_key, customer_ref  # noqa: PLC0415

    return customer_ref(customer, customer_key())


def show_plan(due: Plan, *, json: bool) -> None:
    """Print a plan."""
    from qa import codec  # noqa: PLC0415

    if json:
        print_json({**codec.to_plain(due), "counts": due.counts()})
        return
    print_table("Due", ("class", "calls"), [list(pair) for pair in due.counts().items()])
    rows: list[list[Any]] = [[one.what, one.call_id, one.happened_at] for one in due.due[:40]]
    print_table("Calls (first 40)", ("class", "call", "of"), rows)


def show_certificate(made: Certificate, path: Path | None, *, json: bool) -> None:
    """Print a certificate, and write it where asked."""
    import json as codec_json  # noqa: PLC0415

    from qa import codec  # noqa: PLC0415

    plain = codec.to_plain(made)
    if path is not None:
        text = codec_json.dumps(plain, ensure_ascii=False, indent=2)
        path.write_text(text + "\n", encoding="utf-8")
    if json:
        print_json(plain)
        return
    rows = [[one["what"], one["call_id"], one["rows"], one["files"]] for one in made.items[:40]]
    print_table(f"Deleted ({len(made.items)})", ("class", "call", "rows", "files"), rows)
    if made.not_deleted:
        left = [[one["call_id"], one["file"], one["why"]] for one in made.not_deleted[:40]]
        print_table("Not deleted: see to these", ("call", "file", "why"), left)
    note(f"certificate {made.digest}. {made.backups}")
