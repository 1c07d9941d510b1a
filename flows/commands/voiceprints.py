"""`qa voiceprints`: enrol, list and delete the voices of agents who agreed to it."""

from __future__ import annotations

from typing import Annotated

import typer

from flows.output import note, print_json, print_table

group = typer.Typer(
    no_args_is_help=True,
    help="Voices of agents, with their consent: one more sign of who the agent is. Off by default.",
)
_Store = Annotated[str, typer.Option(help="Store URL.")]


def register(app: typer.Typer) -> None:
    """Add the group to `qa`."""
    app.add_typer(group, name="voiceprints")


@group.command()
def enrol(
    agent_id: Annotated[str, typer.Argument(help="Whose voice.")],
    *,
    consent: Annotated[
        str, typer.Option(help="What the agent agreed to, when, and where it is kept.")
    ],
    by: Annotated[str, typer.Option(help="Who enrols.")] = "",
    store: _Store = "",
) -> None:
    """Enrol a voice from the agent's calls whose roles a person has confirmed."""
    import getpass  # noqa: PLC0415

    from flows.voiceprints import enrol as make  # noqa: PLC0415 - loads audio
    from qa.settings import load_settings  # noqa: PLC0415
    from qa.store import connect  # noqa: PLC0415

    settings = load_settings()
    with connect(store or settings.store, upgrade=True) as opened:
        made = make(opened, agent_id, consent=consent, made_by=by or getpass.getuser())
    note(f"{agent_id}: enrolled from {made.call_count} calls, {made.speech_ms // 1000} s of speech")
    if not settings.roles.voiceprints:
        note("not used yet: set roles.voiceprints = true in qa.toml")


@group.command("list")
def list_(*, store: _Store = "", json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Show whose voice is enrolled, since when, and on what consent. Vectors are never shown."""
    from qa.settings import load_settings  # noqa: PLC0415
    from qa.store import connect  # noqa: PLC0415

    with connect(store or load_settings().store, upgrade=True) as opened:
        found = opened.voiceprints.all()
    rows = [
        {
            "agent_id": one.agent_id,
            "made_at": one.made_at.isoformat(timespec="minutes") if one.made_at else "",
            "made_by": one.made_by,
            "call_count": one.call_count,
            "speech_ms": one.speech_ms,
            "consent": one.consent,
            "model": one.model,
        }
        for one in found
    ]
    if json:
        print_json(rows)
    else:
        columns = list(rows[0]) if rows else ["agent_id"]
        print_table("Voiceprints", columns, [list(row.values()) for row in rows])


@group.command()
def delete(
    agent_id: Annotated[str, typer.Argument(help="Whose voice to forget.")],
    *,
    by: Annotated[str, typer.Option(help="Who deletes.")] = "",
    store: _Store = "",
) -> None:
    """Forget a voice. Transcripts that it helped to label stay as they are."""
    import getpass  # noqa: PLC0415

    from flows.voiceprints import forget  # noqa: PLC0415 - loads audio
    from qa.settings import load_settings  # noqa: PLC0415
    from qa.store import connect  # noqa: PLC0415

    with connect(store or load_settings().store, upgrade=True) as opened:
        forget(opened, agent_id, made_by=by or getpass.getuser())
    note(f"{agent_id}: forgotten")
