"""`qa redact`, `qa check privacy`, `qa privacy`: find personal data, measure how well, forget."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from flows.commands import checks
from flows.commands.retention import hashed, operator, show_certificate, show_plan
from flows.output import note, print_json, print_json_line, print_table
from qa.clock import clock

_Store = Annotated[str, typer.Option(help="Store URL.")]

group = typer.Typer(no_args_is_help=True, help="Raw text and its keys; forgetting a customer.")


def register(app: typer.Typer) -> None:
    """Add the commands to `qa`."""
    app.command()(redact)
    checks.group.command("privacy")(check_privacy)
    app.add_typer(group, name="privacy")


def redact(
    *,
    json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Remove personal data from lines on stdin: plain text, or JSON with "text" (and "language").

    With --json: {"text": redacted, "spans": [{"type", "start", "end", "score"}]}; offsets refer
    to the text that was given.
    """
    from flows.redact import redact_lines  # noqa: PLC0415

    for result in redact_lines(sys.stdin):
        if json:
            print_json_line(result)
        else:
            sys.stdout.write(result["text"] + "\n")


def check_privacy(
    file: Annotated[
        Path, typer.Argument(help="Labelled JSON or JSON lines, or a folder of them.", exists=True)
    ],
    *,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Recall and precision by type, and the share of digit strings (six or more) made unreadable.

    JSON: types [{type, true, found, recall, covered, precision}], digit_strings {true, recall};
    for a folder the same of all its files together, and of each in files {path: …}.
    """
    from qa.privacy.check import check_privacy as measure  # noqa: PLC0415
    from qa.privacy.check import labelled_files, load_labelled  # noqa: PLC0415

    cases = {str(one): load_labelled(one) for one in labelled_files(file)}
    report = measure(case for some in cases.values() for case in some)
    each = {name: measure(some) for name, some in cases.items()} if file.is_dir() else {}
    if json:
        print_json({**report, "files": each} if each else report)
        return
    for name, one in (each or {str(file): report}).items():
        _show_measured(name, one)
    if len(each) > 1:
        _show_measured(str(file), report)


def _show_measured(name: str, report: Mapping[str, Any]) -> None:
    columns = ("type", "true", "found", "recall", "covered", "precision")
    print_table(name, columns, [[row[one] for one in columns] for row in report["types"]])
    digits = report["digit_strings"]
    print_table(
        "digit strings: no more than 3 consecutive true digits remain",
        ("true", "recall"),
        [[digits["true"], digits["recall"]]],
    )


@group.command()
def key(
    file: Annotated[Path, typer.Argument(help="Key file; an old key in it stays behind the new.")],
) -> None:
    """Make a key for raw text. Name the file as privacy.key_file, and keep it out of backups."""
    from qa.crypto import write_key  # noqa: PLC0415

    note(f"key {write_key(file)} is in {file}; run `qa privacy rewrap` if there was one before")


@group.command()
def rewrap(*, store: _Store = "") -> None:
    """Put every kept raw text under the newest key."""
    from qa.settings import load_settings  # noqa: PLC0415
    from qa.store import connect  # noqa: PLC0415

    settings = load_settings()
    with connect(store or settings.store, upgrade=True, privacy=settings.privacy) as opened:
        note(f"{opened.privacy.rewrap()} raw texts are under the newest key")


@group.command()
def raw(
    call_id: Annotated[str, typer.Argument(help="Call id.")],
    *,
    reason: Annotated[str, typer.Option(help="Why; stands in the audit trail.")],
    store: _Store = "",
) -> None:
    """What was really said in a call. The access is written down before anything is shown."""
    from qa.settings import load_settings  # noqa: PLC0415
    from qa.store import connect  # noqa: PLC0415

    settings = load_settings()
    with connect(store or settings.store, upgrade=True, privacy=settings.privacy) as opened:
        said = opened.privacy.raw_transcript(call_id, operator(), reason=reason)
    rows = [[clock(turn.start_ms), turn.role.value, turn.text] for turn in said.turns]
    print_table(f"Raw text of {call_id}", ("at", "who", "text"), rows)


@group.command()
def apply(*, store: _Store = "") -> None:
    """Redact transcripts that were stored before redaction, and quotes from them."""
    from qa.settings import load_settings  # noqa: PLC0415
    from qa.store import connect  # noqa: PLC0415

    settings = load_settings()
    names = tuple(settings.roles.company_names)
    with connect(
        store or settings.store, upgrade=True, privacy=settings.privacy, shown_names=names
    ) as opened:
        done = sum(1 for _ in opened.backlog.redact())
        opened.erasure.compact()
    note(f"{done} transcripts were redacted; `qa run` scores their calls again")


@group.command()
def forget(
    customer: Annotated[
        str, typer.Argument(help="Number or id as in the manifest; - reads it from stdin.")
    ] = "",
    *,
    reason: Annotated[str, typer.Option(help="Why; stands in certificate and audit trail.")],
    yes: Annotated[bool, typer.Option("--yes", help="Really delete.")] = False,
    certificate: Annotated[
        Path | None, typer.Option(help="Written here; without a customer: deleted again from it.")
    ] = None,
    store: _Store = "",
    json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Delete every call of a customer: rows, files, words and scores. Without --yes only show it.

    After restoring a backup: `qa privacy forget --certificate FILE --reason … --yes` deletes again
    what the certificate names. JSON as `qa retention plan` and `apply`.
    """
    import json as codec_json  # noqa: PLC0415

    from qa.retention import apply_plan, plan_again, plan_to_forget  # noqa: PLC0415
    from qa.settings import load_settings  # noqa: PLC0415
    from qa.store import connect  # noqa: PLC0415

    settings = load_settings()
    who = sys.stdin.readline().strip() if customer == "-" else customer
    with connect(store or settings.store, upgrade=True) as opened:
        if who or certificate is None:
            due = plan_to_forget(opened, hashed(who) if who else "")
        else:
            due = plan_again(opened, codec_json.loads(certificate.read_text(encoding="utf-8")))
        if not yes:
            show_plan(due, json=json)
            note("nothing was deleted; add --yes")
            return
        folder = settings.retention.recordings_folder
        made = apply_plan(opened, due, operator(), reason=reason, kind="forget", folder=folder)
    show_certificate(made, certificate if who else None, json=json)
