"""`qa doctor`: what this machine and site have, what is missing, and what to do about it."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal

from flows.headings import both
from flows.output import print_table
from flows.serve import provider_file
from qa import modelpacks, runtime
from qa.errors import QaError
from qa.evaluation import Bilingual
from qa.operations import Schedule
from qa.settings import Settings, load_settings
from qa.store import connect
from qa.store.migrate import newest, present

#: Packages whose absence only takes a feature away, with the extra that brings them.
_OPTIONAL = {
    "faster-whisper": "asr",
    "torch": "diarization",
    "transformers": "sentiment",
    "prefect": "flows",
    "streamlit": "dashboards",
    "psycopg": "postgres",
    "s3fs": "sources",
    "paramiko": "sources",
    "typst": "reports",
}
_FREE_GB_BAD, _FREE_GB_LOW = 1.0, 10.0
_NOTHING = Bilingual(zh="", en="")
_SIGNS = {"ok": "✓", "warn": "!", "bad": "✗"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing examined. `remedy` is empty where nothing needs to be done."""

    name: Bilingual
    state: Literal["ok", "warn", "bad"]
    found: Bilingual
    remedy: Bilingual = _NOTHING

    def plain(self) -> dict[str, Any]:
        """As JSON, both languages."""
        return {
            "name": {"zh": self.name.zh, "en": self.name.en},
            "state": self.state,
            "found": {"zh": self.found.zh, "en": self.found.en},
            "remedy": {"zh": self.remedy.zh, "en": self.remedy.en},
        }


def _same(text: str) -> Bilingual:
    """What is no word of either language: numbers, names, places, a program's own message."""
    return Bilingual(zh=text, en=text)


def examine(store: str = "") -> list[Finding]:
    """Every finding, in a fixed order; a check that itself fails is a finding."""
    try:
        settings = load_settings()
    except QaError as error:
        remedy = Bilingual(zh=f"更正设置：{error.message}", en=error.remedy)
        name = Bilingual(zh="设置", en="settings")
        return [Finding(name=name, state="bad", found=_same(error.message), remedy=remedy)]
    checks: tuple[Callable[[], Iterator[Finding]], ...] = (
        _versions,
        lambda: _database(store or settings.store),
        lambda: _models(settings),
        lambda: _gpu(settings),
        _disk,
        _fonts,
        lambda: _clock(settings),
        lambda: _cores(settings),
        lambda: _secrets(settings),
    )
    return [finding for check in checks for finding in check()]


def show_findings(findings: list[Finding], language: str = "") -> None:
    """Print the findings as a table."""
    side = "zh" if (language or load_settings().language).startswith("zh") else "en"
    columns = (
        ("", "检查项", "结果", "处理办法") if side == "zh" else ("", "what", "found", "what to do")
    )
    rows = [
        [
            _SIGNS[each.state],
            getattr(each.name, side),
            getattr(each.found, side),
            getattr(each.remedy, side) or None,
        ]
        for each in findings
    ]
    print_table("qa doctor", columns, rows)


def _versions() -> Iterator[Finding]:
    system = f"{platform.system()} {platform.release()}"
    python = sys.version.partition(" ")[0]
    good = sys.version_info >= (3, 11)
    yield Finding(
        name=Bilingual(zh="Python", en="Python"),
        state="ok" if good else "bad",
        found=_same(f"{python}, {system}"),
        remedy=_NOTHING
        if good
        else Bilingual(zh="安装 Python 3.11 或更新版本", en="install Python 3.11 or newer"),
    )
    for package, extra in _OPTIONAL.items():
        try:
            found, missing = version(package), False
        except PackageNotFoundError:
            found, missing = "–", True
        command = f"pip install 'call-quality[{extra}]'"
        yield Finding(
            name=Bilingual(zh=f"组件 {package}", en=f"package {package}"),
            state="warn" if missing else "ok",
            found=_same(found),
            remedy=Bilingual(zh=f"需要时运行：{command}", en=f"if you need it: {command}")
            if missing
            else _NOTHING,
        )


def _database(url: str) -> Iterator[Finding]:
    name = Bilingual(zh="数据库", en="database")
    try:
        with connect(url, read_only=True) as opened:
            at = present(opened.database)
            place = opened.url
    except QaError as error:
        found = Bilingual(zh=f"打不开：{error.message}", en=error.message)
        remedy = Bilingual(zh="检查地址和权限，或先运行 qa run", en=error.remedy)
        yield Finding(name=name, state="bad", found=found, remedy=remedy)
        return
    good = at == newest()
    upgrade = Bilingual(zh="运行 qa db upgrade", en="run `qa db upgrade`")
    yield Finding(
        name=name,
        state="ok" if good else "bad",
        found=_same(f"{place} · {at or '–'}"),
        remedy=_NOTHING if good else upgrade,
    )


def _models(settings: Settings) -> Iterator[Finding]:
    wanted = {settings.asr.model, settings.sentiment.encoder, *modelpacks.DEFAULT_PACKS}
    for row in modelpacks.status():
        ready = row.state == "ready"
        needed = row.name in wanted
        if not ready and not needed:
            continue
        yield Finding(
            name=Bilingual(zh=f"模型 {row.name}", en=f"model {row.name}"),
            state="ok" if ready else "bad" if row.name == settings.asr.model else "warn",
            found=both(row.state),
            remedy=_NOTHING
            if ready
            else Bilingual(
                zh=f"运行 qa models pull {row.name}", en=f"run `qa models pull {row.name}`"
            ),
        )


def _gpu(settings: Settings) -> Iterator[Finding]:
    name = Bilingual(zh="显卡", en="GPU")
    program = shutil.which("nvidia-smi")
    if program is None:
        wanted = settings.asr.device == "cuda"
        remedy = Bilingual(
            zh="把 asr.device 改为 auto，或安装驱动",
            en="set asr.device to auto, or install a driver",
        )
        yield Finding(
            name=name,
            state="bad" if wanted else "ok",
            found=Bilingual(zh="没有；识别在处理器上运行", en="none; recognition runs on the CPU"),
            remedy=remedy if wanted else _NOTHING,
        )
        return
    query = [program, "--query-gpu=name,memory.total", "--format=csv,noheader"]
    done = subprocess.run(query, capture_output=True, text=True, timeout=30, check=False)  # noqa: S603
    try:
        import ctranslate2  # noqa: PLC0415

        usable = bool(ctranslate2.get_cuda_device_count())
    except (ImportError, RuntimeError, OSError):
        usable = False
    remedy = Bilingual(
        zh="安装 nvidia-cublas-cu12 和 nvidia-cudnn-cu12",
        en="install nvidia-cublas-cu12 and nvidia-cudnn-cu12",
    )
    yield Finding(
        name=name,
        state="ok" if usable else "warn",
        found=_same(done.stdout.strip().replace("\n", "; ") or done.stderr.strip()[:80]),
        remedy=_NOTHING if usable else remedy,
    )


def _disk() -> Iterator[Finding]:
    home = runtime.data_home()
    place = next(path for path in (home, *home.absolute().parents) if path.exists())
    free = shutil.disk_usage(place).free / 1e9
    writable = os.access(place, os.W_OK)
    state: Literal["ok", "warn", "bad"] = "ok" if free > _FREE_GB_LOW else "warn"
    state = "bad" if free < _FREE_GB_BAD or not writable else state
    remedy = Bilingual(
        zh="清理磁盘，或用 QA_HOME 指定别处；保留期限见 retention 设置",
        en="free some space, or name another place by QA_HOME; see the retention settings",
    )
    if not writable:
        remedy = Bilingual(zh="给运行用户写权限", en="give this user write access")
    yield Finding(
        name=Bilingual(zh="磁盘", en="disk"),
        state=state,
        found=Bilingual(zh=f"{place}：剩余 {free:.1f} GB", en=f"{place}: {free:.1f} GB free"),
        remedy=remedy if state != "ok" else _NOTHING,
    )


def _fonts() -> Iterator[Finding]:
    program = shutil.which("fc-list")
    found = ""
    if program:
        asked = [program, ":lang=zh", "family"]
        done = subprocess.run(asked, capture_output=True, text=True, timeout=30, check=False)  # noqa: S603
        found = next((line for line in done.stdout.splitlines() if line), "")
    remedy = Bilingual(
        zh="安装 fonts-noto-cjk，否则 PDF 报告中的汉字是方框",
        en="install fonts-noto-cjk, or Chinese in PDF reports shows as boxes",
    )
    yield Finding(
        name=Bilingual(zh="中文字体", en="Chinese font"),
        state="ok" if found else "warn",
        found=_same(found) if found else Bilingual(zh="没有", en="none"),
        remedy=_NOTHING if found else remedy,
    )


def _clock(settings: Settings) -> Iterator[Finding]:
    """A clock that is behind files it has written itself has jumped; leases and nights suffer."""
    name = Bilingual(zh="时钟和日程", en="clock and schedule")
    now = time.time()
    seen = [path.stat().st_mtime for path in _own_files() if path.exists()]
    behind = max(seen, default=now) - now
    moment = datetime.fromtimestamp(now, UTC).isoformat(timespec="seconds")
    try:
        schedule = Schedule.of(settings)
    except QaError as error:
        remedy = Bilingual(zh=f"更正 {error.place}", en=error.remedy)
        yield Finding(name=name, state="bad", found=_same(error.message), remedy=remedy)
        return
    remedy = Bilingual(
        zh="用 NTP 校准时钟（timedatectl set-ntp true）",
        en="set the clock by NTP (timedatectl set-ntp true)",
    )
    good = behind < 60
    yield Finding(
        name=name,
        state="ok" if good else "bad",
        found=_same(f"{moment}, {schedule.timezone}, cron {schedule.cron}"),
        remedy=_NOTHING if good else remedy,
    )


def _own_files() -> list[Path]:
    home = runtime.data_home()
    return [home / "store.db", home / "store.db-wal", home / "customer.key"]


def _cores(settings: Settings) -> Iterator[Finding]:
    cores = runtime.thread_count()
    run = settings.run
    used = run.workers * (run.threads or max(1, cores // run.workers))
    good = used <= cores
    remedy = Bilingual(zh="减少 run.workers 或 run.threads", en="lower run.workers or run.threads")
    yield Finding(
        name=Bilingual(zh="处理器", en="processor"),
        state="ok" if good else "warn",
        found=Bilingual(
            zh=f"{cores} 核；{run.runner}：{run.workers} 个工作进程，共 {used} 个线程",
            en=f"{cores} cores; {run.runner}: {run.workers} workers, {used} threads in all",
        ),
        remedy=_NOTHING if good else remedy,
    )


def _secrets(settings: Settings) -> Iterator[Finding]:
    name = Bilingual(zh="密钥文件", en="secret files")
    paths = [runtime.data_home() / "customer.key"]
    if settings.privacy.key_file:
        paths.append(Path(settings.privacy.key_file))
    if settings.access.sign_in == "oidc":
        paths.append(provider_file(settings.access))
    open_to_all = [str(path) for path in paths if path.exists() and path.stat().st_mode & 0o077]
    remedy = Bilingual(zh="chmod 600 这些文件", en="chmod 600 these files")
    yield Finding(
        name=name,
        state="warn" if open_to_all else "ok",
        found=_same(", ".join(open_to_all))
        if open_to_all
        else Bilingual(zh="只有所有者可读", en="for their owner only"),
        remedy=remedy if open_to_all else _NOTHING,
    )
