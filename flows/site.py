"""A site as workers see it: settings, store and scorecards, opened once per process."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from flows.choices import settled
from flows.storeurl import with_password, without_password
from qa import codec
from qa.analysis import Analysis
from qa.settings import Settings, load_settings
from qa.store import Store, connect
from scoring.calltype import call_type
from scoring.categories import Category
from scoring.encoder import Encoder
from scoring.encoder_lazy import find_encoder
from scoring.engine import digest_of
from scoring.loader import choose_scorecard, list_scorecards, load_scorecard
from scoring.matching import PhraseMatcher, load_matcher
from scoring.reasons import reasons_digest, site_reasons
from scoring.scorecard import Scorecard
from scoring.semantics import SemanticReader


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRef:
    """Enough to open the same site in another process. Picklable, hashable, no secrets in logs."""

    store_url: str
    scorecard: str
    settings_json: str

    def __repr__(self) -> str:
        """Without the store URL, which may hold a password."""
        return f"SiteRef(scorecard={self.scorecard!r})"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Site:
    """An open site.

    Attributes:
        only_scorecard: Name or path given for this run; empty routes each call by its metadata.
        encoder: For meaning, loaded when first asked; None where the pack or torch is missing.
        reasons: The taxonomy of contact reasons, the site's own or the shipped one.
    """

    settings: Settings
    store: Store
    scorecards: tuple[Scorecard, ...]
    matcher: PhraseMatcher
    only_scorecard: str = ""
    encoder: Encoder | None = None
    reasons: tuple[Category, ...] = ()
    reasons_digest: str = ""

    @property
    def reader(self) -> SemanticReader | None:
        """Compares meanings for `semantic` and `paraphrase` rules; None without an encoder."""
        return SemanticReader(self.encoder) if self.encoder else None

    def scorecard_for(self, analysis: Analysis) -> Scorecard:
        """The scorecard that applies to a call."""
        if self.only_scorecard:
            return self.scorecards[0]
        return choose_scorecard(
            analysis.call,
            self.scorecards,
            call_type=analysis.facts.get("call_type", "") or self._type_of(analysis),
            language=analysis.transcript.language,
        )

    def _type_of(self, analysis: Analysis) -> str:
        """The call type by what is said, worked out only where a scorecard is routed by it."""
        if not any(card.routing.call_types for card in self.scorecards):
            return ""
        return call_type(analysis.call, analysis.transcript, encoder=self.encoder).id

    @property
    def scoring_digest(self) -> str:
        """Identity of everything that scoring depends on beside the analysis."""
        reader, levels = self.reader, self.store.autonomy
        cards = [digest_of(card, self.matcher, reader) for card in self.scorecards]
        off = [f"{card.id} {name}" for card in self.scorecards for name in levels.off(card.id)]
        return codec.digest(sorted(cards) + sorted(off))


def site_ref(*, store: str = "", scorecard: str = "", workers: int | None = None) -> SiteRef:
    """Read the settings now, at the rim, and freeze them into a reference."""
    settings = settled(load_settings())
    if workers is not None:
        run = settings.run.model_copy(update={"workers": workers})
        settings = settings.model_copy(update={"run": run})
    url = without_password(store or settings.store)
    return SiteRef(
        store_url=url,
        scorecard=scorecard,
        settings_json=settings.model_copy(update={"store": url}).model_dump_json(),
    )


@cache
def open_site(ref: SiteRef) -> Site:
    """Open the store (upgrading its schema) and load scorecards; once per process and reference."""
    settings = Settings.model_validate_json(ref.settings_json)
    names = tuple(settings.roles.company_names)
    store = connect(
        with_password(ref.store_url), upgrade=True, privacy=settings.privacy, shown_names=names
    )
    folder = settings.scoring.place
    cards = [ref.scorecard] if ref.scorecard else list(list_scorecards(folder))
    reasons = site_reasons(settings.insight.reasons)
    return Site(
        settings=settings,
        store=store,
        scorecards=tuple(load_scorecard(name, folder=folder) for name in cards),
        matcher=load_matcher(company_names=names),
        only_scorecard=ref.scorecard,
        encoder=find_encoder(settings.insight.encoder),
        reasons=reasons,
        reasons_digest=reasons_digest(reasons),
    )
