"""The system's memory as one object: repositories over one database, and transactions."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from qa.access import Person
from qa.settings import PrivacySettings
from qa.store.access import sight_of
from qa.store.access_database import SeenDatabase
from qa.store.accounts import Accounts
from qa.store.analyses import Analyses
from qa.store.appraisal import Appraisals
from qa.store.audit import AuditTrail
from qa.store.calls import Calls
from qa.store.clips import Clips
from qa.store.coaching import Coaching
from qa.store.commitments import Commitments
from qa.store.database import Clock, Database, utc_now
from qa.store.erasure import Erasure
from qa.store.evaluations import Evaluations
from qa.store.frames import Frames
from qa.store.improvements import Improvements
from qa.store.insight import Insight
from qa.store.migrate import require_current, upgrade
from qa.store.nights import Problems, Runs
from qa.store.operations import Operations
from qa.store.people import People
from qa.store.people_imports import Imports
from qa.store.privacy import Privacy
from qa.store.privacy_backlog import Backlog
from qa.store.recordings import Recordings, SourceFiles
from qa.store.review_assignments import Assignments
from qa.store.review_autonomy import Autonomy
from qa.store.review_calibrations import Calibrations
from qa.store.review_corrections import Corrections
from qa.store.review_disputes import Disputes
from qa.store.review_figures import ReviewFigures
from qa.store.review_rows import recorder
from qa.store.review_samples import Samples
from qa.store.reviews import Reviews
from qa.store.risks import Risks
from qa.store.roster import Roster, SiteSettings
from qa.store.saved_views import SavedViews
from qa.store.stages import Stages
from qa.store.topics import Topics
from qa.store.transcripts import Transcripts
from qa.store.voiceprints import Voiceprints


class Store:
    """Everything the system remembers.

    Safe to share between threads; every process opens its own. All errors are `StoreError` (or
    `TransientError` when trying again may help) and never carry a password.

    Attributes:
        recordings: `add`, `get`, `by_sha256`, `describe`, `move`, `aliases`, `count`.
        source_files: What listings have seen: `seen`, `remember`, `forget`.
        calls: `add`, `update`, `get`, `of_recording`, `row`, `find`, `count`, `choices`.
        stages: `claim`, `finish`, `fail`, `release`, `renew`, `reclaim`, `pending`, `done` …
        privacy: `sound`, `counts`, `raw_transcript`, `rewrap`: what is hidden, and raw text.
        erasure: Retention: `older_than`, `of_customer`, `delete`, `hold`, `lift`, `holds` …
        backlog: `waiting`, `redact`: transcripts stored before redaction.
        transcripts: `save`, `load`, `digest_of`, `override_roles`, `role_override`.
        analyses: `save`, `load`, `digest_of`.
        evaluations: `save`, `load`, `get`, `ids_of`, `current_id`.
        reviews: `open`, `decide`, `submit`, `effective`, `decisions`, `versions`, `of_call`.
        corrections: `save`, `of_call`, `machine_transcript`: people's words on turns.
        assignments: `add`, `skip`, `withdraw`, `find`, `load`, `counts`.
        samples: `preview`, `draw`, `replace`, `get`, `all`, `skips`, `observations`.
        disputes: `release`, `acknowledge`, `open`, `take`, `decide`, `withdraw`, `expire` …
        calibrations: `create`, `submit`, `close`, `forms`, `progress`, `of_person`.
        autonomy: `levels`, `set`, `history`: how much each criterion may decide alone.
        review_figures: Counts behind agreement, report card, error budget and review times.
        runs: `start`, `tell`, `finish`, `close_lost`, `get`, `latest`.
        operations: `urge`, `urgent`, `speeds`, `standing`, `reasons`, `backlog`.
        problems: `report`, `resolve`, `open`, `of_recording`.
        roster: `save`, `all`, `at`.
        people: Figures about people: `refresh`, `frames`, `months`, `measures`.
        imports: Files about people: `known`, `apply`, `undo`, `batches`.
        appraisals: `open`, `preview`, `freeze`, `export`, `late_changes`, `decide` …
        coaching: Plans: `open`, `acknowledge`, `close`, `all`, `follow_ups`, `effects`.
        clips: Moments worth hearing: `propose`, `answer`, `remove`, `all`.
        improvements: The board: `open`, `plan`, `done`, `close`, `all`, `measure`.
        settings: `get`, `set`.
        saved_views: Named filters of a person: `of`, `save`, `remove`.
        insight: Summaries: `save`, `load`, `contacts`, `reasons`, `summaries` …
        risks: `queue`, `of_call`, `take`, `resolve`, `history` …
        commitments: `all`, `of_call`, `settle`.
        topics: `replace`, `all`, `rename`.
        voiceprints: Enrolled voices of agents: `save`, `get`, `all`, `delete`.
        accounts: `add`, `get`, `all`, `with_role`, `change`, `reset`, `sign_in`, `of_token` …
        audit: What people did, as a hash chain: `record`, `find`, `verify`, `head` …
        frames: pandas DataFrames for readers.
    """

    def __init__(
        self,
        database: Database,
        *,
        privacy: PrivacySettings | None = None,
        shown_names: Collection[str] = (),
    ) -> None:
        self.database = database
        self._privacy, self._shown_names = privacy, tuple(shown_names)
        self.recordings = Recordings(database)
        self.source_files = SourceFiles(database)
        self.calls = Calls(database)
        self.stages = Stages(database)
        self.erasure = Erasure(database)
        self.privacy = Privacy(database, privacy or PrivacySettings(), shown_names)
        self.transcripts = Transcripts(database, self.stages, self.privacy)
        self.backlog = Backlog(database, self.privacy, self.transcripts)
        self.analyses = Analyses(database, self.stages)
        self.evaluations = Evaluations(database, self.stages)
        self.audit = AuditTrail(database)
        record = recorder(self.audit)
        self.reviews = Reviews(database, self.evaluations, record=record)
        self.corrections = Corrections(database, self.transcripts, record=record)
        self.assignments = Assignments(database, record=record)
        self.samples = Samples(database, record=record)
        self.disputes = Disputes(database, self.evaluations, record=record)
        self.calibrations = Calibrations(database, self.evaluations, record=record)
        self.autonomy = Autonomy(database, record=record)
        self.review_figures = ReviewFigures(database)
        self.runs = Runs(database)
        self.operations = Operations(database)
        self.problems = Problems(database)
        self.roster = Roster(database)
        self.people = People(database, self.evaluations)
        self.imports = Imports(database, self.audit)
        self.coaching = Coaching(database, self.people.frames, self.audit)
        self.appraisals = Appraisals(database, self.people.frames, self.coaching, self.audit)
        self.clips = Clips(database, self.transcripts, self.audit)
        self.improvements = Improvements(database, self.people.frames, self.audit)
        self.settings = SiteSettings(database)
        self.saved_views = SavedViews(database)
        self.risks = Risks(database)
        self.commitments = Commitments(database)
        self.insight = Insight(database, self.risks, self.commitments)
        self.topics = Topics(database)
        self.voiceprints = Voiceprints(database)
        self.privacy.witness = self.audit
        self.accounts = Accounts(database, self.audit)
        self.frames = Frames(database)

    @property
    def url(self) -> str:
        """Where the store is, without password: for messages, not for connecting."""
        return self.database.place

    def seen_by(self, person: Person) -> Store:
        """The store through a person's eyes: read-only, and only the rows they may see.

        A single read of what is out of sight fails as if it did not exist.
        """
        seen = SeenDatabase(self.database, sight_of(person))
        return Store(seen, privacy=self._privacy, shown_names=self._shown_names)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Several writes as one: all of them or none. Keep it short; never across a model call."""
        with self.database.writing():
            yield

    def upgrade(self) -> None:
        """Create or bring the tables up to this version. Safe when several processes do it at once.

        Raises:
            StoreError: The store was written by a newer version.
        """
        upgrade(self.database)

    def require_current(self) -> None:
        """Check that the tables are of this version, changing nothing.

        Raises:
            StoreError: Too old (remedy: `qa db upgrade`) or too new (remedy: update the program).
        """
        require_current(self.database)

    def close(self) -> None:
        """Give every connection back."""
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def connect(
    url: str = "",
    *,
    upgrade: bool = False,
    read_only: bool = False,
    now: Clock = utc_now,
    privacy: PrivacySettings | None = None,
    shown_names: Collection[str] = (),
) -> Store:
    """Open a store.

    Args:
        url: `sqlite:///FILE` or `postgresql+psycopg://USER:PASSWORD@HOST/DATABASE`; empty for
            `store.db` in the data home.
        upgrade: Create or upgrade the tables first.
        read_only: Refuse every write; for dashboards. A missing SQLite file is an error then.
        now: The clock, an aware datetime.
        privacy: What to hide in what is saved; everything personal by default.
        shown_names: Names never hidden, beside those of `privacy` (the company's).

    Raises:
        StoreError: The database cannot be opened, with the remedy.
    """
    database = Database(url, read_only=read_only, now=now)
    store = Store(database, privacy=privacy, shown_names=shown_names)
    if upgrade:
        store.upgrade()
    return store
