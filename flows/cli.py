"""The `qa` command.

Command modules import nothing heavy at the top, so that `qa --help` answers at once. Exit codes:
0 done, 1 an error with its remedy on stderr, 2 wrong usage, 3 finished but with failed calls
(`--strict`).
"""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from flows.commands import (
    audit,
    backup,
    batch,
    calls,
    checks,
    insight,
    models,
    operate,
    people,
    privacy,
    reports,
    retention,
    review,
    scorecards,
    site,
    sources,
    supply,
    users,
    voiceprints,
)
from flows.output import report_error
from qa.errors import QaError

app = typer.Typer(
    name="qa",
    help="Listen to every call: transcribe, score with evidence, review, coach. 质检系统命令行。",
    no_args_is_help=True,
    rich_markup_mode="markdown",  # square brackets in help are settings, not colours
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def _start(
    log_level: Annotated[str, typer.Option(help="DEBUG, INFO, WARNING or ERROR.")] = "WARNING",
    log_json: Annotated[bool, typer.Option(help="Write the log as JSON lines.")] = False,
) -> None:
    from qa import runtime  # noqa: PLC0415  (numpy is not needed for --help)

    runtime.prepare()
    runtime.log_to_stderr(level=log_level.upper(), as_json=log_json)
    # worker processes write the same log
    os.environ["QA_LOG_LEVEL"] = log_level.upper()
    os.environ["QA_LOG_JSON"] = "1" if log_json else ""


for module in (
    *(batch, calls, scorecards, checks, privacy, retention, supply),
    *(sources, people, voiceprints, models, site),
    *(insight, review, reports),
    *(users, audit),
    *(operate, backup),
):
    module.register(app)


def main() -> None:
    """Run `qa`; errors of this system end as one line with place and remedy, exit code 1."""
    try:
        app()
    except QaError as error:
        report_error(error)
        sys.exit(1)
    except BrokenPipeError:  # `qa calls | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


if __name__ == "__main__":
    main()
