"""Where recordings come from: a folder, a manifest, or any fsspec URL of either.

for found in list_source(url, source_options(settings)):
    ...  # a SourceItem to ingest, or a SourceProblem to report
"""

from qa.settings import Settings
from qa.sources.customers import customer_key, customer_ref
from qa.sources.filenames import HABITS
from qa.sources.listing import Listed, list_source
from qa.sources.places import check_url, local_path, open_file, prefix_of
from qa.sources.preview import PREVIEW_COLUMNS, preview
from qa.sources.values import (
    AUDIO_SUFFIXES,
    NO_DETAILS,
    CallDetails,
    ProblemKind,
    SourceItem,
    SourceOptions,
    SourceProblem,
)


def source_options(
    settings: Settings, *, manifest: str = "", pattern: str = "", patient: bool = True
) -> SourceOptions:
    """Options for this site: its time zone, settling time and customer key.

    Raises:
        SettingsError: The customer key cannot be kept in the data home.
    """
    return SourceOptions(
        manifest=manifest,
        pattern=pattern,
        timezone=settings.timezone,
        settle_seconds=settings.run.settle_seconds,
        patient=patient,
        customer_key=customer_key(),
        days=settings.night.days,
    )


__all__ = [
    "AUDIO_SUFFIXES",
    "HABITS",
    "NO_DETAILS",
    "PREVIEW_COLUMNS",
    "CallDetails",
    "Listed",
    "ProblemKind",
    "SourceItem",
    "SourceOptions",
    "SourceProblem",
    "check_url",
    "customer_key",
    "customer_ref",
    "list_source",
    "local_path",
    "open_file",
    "prefix_of",
    "preview",
    "source_options",
]
