"""Settings, read once at the rim from `qa.toml` and `QA_…` variables, then passed in as values.

Order: explicit arguments, environment (`QA_ASR__MODEL=large-v3`), `qa.toml`, defaults.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from qa import codec
from qa.access import UserRole
from qa.errors import SettingsError
from qa.runtime import data_home


class _Group(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    def digest(self) -> str:
        """Identity of these settings; part of every engine stamp they influence."""
        return codec.digest(self.model_dump(mode="json"))


class AsrSettings(_Group):
    """Speech recognition.

    `model` is a pack name (`whisper-base`), a local folder, or a hub name the site has cached.
    `hotwords` are product and company names per queue (`*` for all); never scorecard phrases.
    `beam_size` 2 made no more errors than 5 in `tests/benchmarks`, in four fifths of the time.
    `batch_size` 1 leaves the number of windows decoded together to the engine.
    """

    engine: Literal["faster_whisper", "replay"] = "faster_whisper"
    model: str = "whisper-base"
    device: Literal["auto", "cpu", "cuda"] = "auto"
    compute_type: str = "auto"
    beam_size: int = Field(default=2, ge=1, le=10)
    batch_size: int = Field(default=1, ge=1, le=64)
    hotwords: dict[str, list[str]] = Field(default_factory=dict)
    corrections: str = ""


class DiarizationSettings(_Group):
    """Speaker separation of mono calls: `call` is the fast path, `pyannote` the stock one."""

    engine: Literal["call", "pyannote"] = "call"
    pipeline: str = ""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    min_speakers: int = Field(default=1, ge=1, le=8)
    max_speakers: int = Field(default=3, ge=1, le=8)


class SentimentSettings(_Group):
    """Customer sentiment: `auto` is the encoder head where its pack is present, else a lexicon."""

    engine: Literal["auto", "head", "transformers", "lexicon", "off"] = "auto"
    model: str = ""
    labels: dict[str, str] = Field(default_factory=dict)
    encoder: str = "e5-small"


class RolesSettings(_Group):
    """Which speaker is the agent: below `minimum_confidence` a person is asked.

    `voiceprints` compares voices with those agents have enrolled (`qa voiceprints`); off unless the
    site has their consent.
    """

    minimum_confidence: float = Field(default=0.75, ge=0, le=1)
    company_names: list[str] = Field(default_factory=list)
    voiceprints: bool = False


class ScoringSettings(_Group):
    """Default scorecard and where site scorecards live: `scorecards` in the data home if empty."""

    scorecard: str = "service-standard"
    folder: str = ""

    @property
    def place(self) -> Path:
        """The folder of the site's scorecards; it need not exist."""
        return Path(self.folder) if self.folder else data_home() / "scorecards"


class RunSettings(_Group):
    """The batch: workers, runner, retries, limits, and how long a file must be quiet.

    `runner` is where tasks wait: Prefect with threads, processes, Dask or Ray (`cluster` names a
    running one), or `plain` threads without Prefect.
    Each of `workers` works in a process of its own with `threads` threads (0: the cores divided by
    the workers). A stage may take `stage_timeout_seconds` and `stage_timeout_factor` × the length
    of the sound (`start_seconds` more where a worker loads its models first); then its process is
    ended and the call fails with that reason. What may pass by
    itself (network, database, a killed worker) is tried `retries` times more, `retry_seconds`
    apart and doubling. A recording that fails `max_attempts` times is quarantined. At most
    `gpu_workers` of a machine transcribe at once when `asr.device` is a GPU.
    """

    runner: Literal["plain", "thread", "process", "dask", "ray"] = "thread"
    workers: int = Field(default=1, ge=1, le=256)
    threads: int = Field(default=0, ge=0, le=256)
    retries: int = Field(default=2, ge=0, le=10)
    retry_seconds: float = Field(default=5.0, ge=0)
    settle_seconds: float = Field(default=10.0, ge=0)
    max_attempts: int = Field(default=3, ge=1)
    stage_timeout_factor: float = Field(default=4.0, gt=0)
    stage_timeout_seconds: float = Field(default=120.0, gt=0)
    start_seconds: float = Field(default=300.0, gt=0)
    gpu_workers: int = Field(default=1, ge=1, le=64)
    cluster: str = ""


class NightSettings(_Group):
    """The schedule: which sources, when, and until when (local time of the site).

    A source may have the day in its path (`s3://bucket/{yyyy}/{mm}/{dd}`): its last `days` are
    listed. `cron` has five fields. `finish_by` is when people come to work: `qa status` warns when
    tonight will not be done by then. `metrics_file` is written in Prometheus text format after each
    step, for a textfile collector.
    """

    sources: list[str] = Field(default_factory=list)
    days: int = Field(default=3, ge=1, le=366)
    cron: str = "0 1 * * *"
    finish_by: str = Field(default="07:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    metrics_file: str = ""


class DemoPerson(_Group):
    """Somebody as whom a demonstration can be viewed, without password."""

    user_id: str
    name: str
    roles: frozenset[UserRole]
    teams: frozenset[str] = frozenset()
    agent_id: str = ""


class AccessSettings(_Group):
    """How people sign in, and for how long.

    `sign_in`: `local` accounts of the store; `oidc` through a provider (OpenID Connect);
    `proxy` believes `proxy_header` of a reverse proxy at one of `proxy_addresses`; `demo` lets
    everybody choose a person, and runs on loopback only. A session ends after `session_minutes`,
    or after `idle_minutes` without an action. `max_failures` wrong passwords lock an account for
    `lock_minutes`; `attempts_per_minute` bounds all sign-ins from one address. With `oidc`,
    `claim_roles` maps a value of `role_claim` to roles, `name_claim` names the account, and
    `oidc_file` holds the provider's `[auth]` table; default: `oidc.toml` in the data home.
    """

    sign_in: Literal["local", "oidc", "proxy", "demo"] = "local"
    session_minutes: int = Field(default=600, ge=1)
    idle_minutes: int = Field(default=60, ge=1)
    max_failures: int = Field(default=5, ge=1, le=100)
    lock_minutes: int = Field(default=15, ge=1)
    attempts_per_minute: int = Field(default=20, ge=1)
    minimum_password: int = Field(default=12, ge=8, le=128)
    proxy_header: str = ""
    proxy_addresses: list[str] = Field(default_factory=lambda: ["127.0.0.1", "::1"])
    name_claim: str = "email"
    role_claim: str = "groups"
    oidc_file: str = ""
    claim_roles: dict[str, list[UserRole]] = Field(default_factory=dict)
    demo_people: list[DemoPerson] = Field(default_factory=list)


class PrivacySettings(_Group):
    """What is hidden in stored and shown text and in played sound, and what is kept beside it.

    `keep_raw`: `sealed` keeps raw text only where a key (`key_file`, or `QA_RAW_KEY`) encrypts it;
    `always` keeps it plain without one. `never_keep` are types that even raw text loses.
    `agent_names` `keep` leaves the agent's own name readable; `shown_names` are never hidden.
    """

    redact: bool = True
    agent_names: Literal["keep", "hide"] = "keep"
    shown_names: list[str] = Field(default_factory=list)
    keep_raw: Literal["sealed", "always", "never"] = "sealed"
    key_file: str = ""
    never_keep: list[str] = Field(default_factory=lambda: ["CVV"])
    sound: Literal["beep", "silence", "off"] = "beep"
    margin_ms: int = Field(default=150, ge=0, le=2000)


class RetentionSettings(_Group):
    """Days that each class of data is kept after the call; 0 keeps it until somebody deletes it.

    An agent's voiceprint is kept from its enrolment: consent is asked for again after that.

    `recordings_folder`: only recordings inside it are deleted as files; others lose their row's
    place and are named in the certificate, for whoever owns them.
    """

    raw_audio_days: int = Field(default=0, ge=0)
    raw_text_days: int = Field(default=90, ge=0)
    redacted_days: int = Field(default=0, ge=0)
    evaluations_days: int = Field(default=0, ge=0)
    voiceprints_days: int = Field(default=365, ge=0)
    recordings_folder: str = ""


class InsightSettings(_Group):
    """Meaning, contact reasons, products.

    `encoder` judges meaning where its pack is present; empty leaves it to words. `reasons` is a
    taxonomy file of the site (`qa insight reasons --write FILE` makes one to edit). `products` are
    names with the ways customers say them.
    """

    encoder: str = "e5-small"
    reasons: str = ""
    products: dict[str, list[str]] = Field(default_factory=dict)


class ChannelSettings(_Group):
    """Where alerts go. `url` of a hook, or `to` addresses for e-mail; quotes stay in the house.

    `lowest` is the mildest priority sent: P1 only, P1 and P2, or everything.
    """

    kind: Literal["webhook", "wecom", "dingtalk", "feishu", "email"]
    url: str = ""
    to: list[str] = Field(default_factory=list)
    language: str = "zh-CN"
    lowest: Literal["P1", "P2", "P3"] = "P2"
    with_quotes: bool = False
    most: int = Field(default=10, ge=1)
    per_minutes: int = Field(default=10, ge=1)


class AlertSettings(_Group):
    """Messages about risks: none leave the machine unless `enabled` and a channel is named.

    `page` is the address of the dashboard, for links; `smtp` is `HOST:PORT` for e-mail and
    `sender` its From. A password stands in `QA_SMTP_PASSWORD`, never here.
    """

    enabled: bool = False
    channels: dict[str, ChannelSettings] = Field(default_factory=dict)
    page: str = ""
    smtp: str = ""
    smtp_user: str = ""
    sender: str = ""


class ReportSettings(_Group):
    """Management reports that the night writes by itself, and who gets them.

    The week's comes with the first night from weekday `weekly_on` on (1 Monday … 7 Sunday, 0
    never), the month's from day `monthly_on` of the next month on (0 never). They go to `folder`
    (`reports` in the data home if empty) in each of `languages` and `formats`, and as e-mail `to`
    these addresses through the server of `[alerts]`.
    """

    weekly_on: int = Field(default=1, ge=0, le=7)
    monthly_on: int = Field(default=1, ge=0, le=28)
    folder: str = ""
    languages: tuple[Literal["zh", "en"], ...] = ("zh", "en")
    formats: tuple[Literal["pdf", "xlsx"], ...] = ("pdf", "xlsx")
    to: list[str] = Field(default_factory=list)

    @property
    def place(self) -> Path:
        """The folder of the reports; it need not exist."""
        return Path(self.folder) if self.folder else data_home() / "reports"


class Settings(BaseSettings):
    """All settings of a site."""

    model_config = SettingsConfigDict(
        env_prefix="QA_", env_nested_delimiter="__", frozen=True, extra="forbid"
    )

    store: str = ""
    language: str = "zh-CN"
    timezone: str = "Asia/Shanghai"
    asr: AsrSettings = AsrSettings()
    diarization: DiarizationSettings = DiarizationSettings()
    sentiment: SentimentSettings = SentimentSettings()
    roles: RolesSettings = RolesSettings()
    scoring: ScoringSettings = ScoringSettings()
    insight: InsightSettings = InsightSettings()
    alerts: AlertSettings = AlertSettings()
    run: RunSettings = RunSettings()
    privacy: PrivacySettings = PrivacySettings()
    retention: RetentionSettings = RetentionSettings()
    night: NightSettings = NightSettings()
    reports: ReportSettings = ReportSettings()
    access: AccessSettings = AccessSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments before environment before `qa.toml`."""
        toml = TomlConfigSettingsSource(settings_cls, toml_file=settings_file())
        return init_settings, env_settings, toml


def settings_file() -> Path:
    """The settings file: `QA_SETTINGS`, else `qa.toml` in the working folder."""
    return Path(os.environ.get("QA_SETTINGS", "qa.toml"))


def load_settings(**overrides: Any) -> Settings:
    """Read the settings; every problem is reported at once, by field."""
    try:
        return Settings(**overrides)
    except ValidationError as error:
        lines = "; ".join(
            f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()
        )
        raise SettingsError(lines, str(settings_file()), "correct these fields") from error
    except ValueError as error:  # TOML syntax, malformed JSON in a variable
        raise SettingsError(str(error), str(settings_file()), "correct the syntax") from error
