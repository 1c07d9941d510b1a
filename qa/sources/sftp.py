"""SFTP that knows whom it talks to: unknown host keys are refused (fsspec accepts any)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import fsspec


def register() -> None:
    """Make `sftp://` and `ssh://` check the server's key against `known_hosts`.

    The storage option `known_hosts` names another file than `~/.ssh/known_hosts`. Passwords and key
    files come from storage options or the environment (`FSSPEC_SFTP_PASSWORD`, …).
    """
    import paramiko  # noqa: PLC0415 - an optional package
    from fsspec.implementations.sftp import SFTPFileSystem  # noqa: PLC0415

    class CheckedSftp(SFTPFileSystem):  # type: ignore[misc]
        def _connect(self) -> None:
            options: dict[str, Any] = dict(self.ssh_kwargs)
            known = options.pop("known_hosts", None)
            self.client = paramiko.SSHClient()
            if known:
                self.client.load_host_keys(str(Path(known).expanduser()))
            else:
                self.client.load_system_host_keys()
            self.client.set_missing_host_key_policy(paramiko.RejectPolicy())
            self.client.connect(self.host, **({"timeout": 30} | options))
            self.ftp = self.client.open_sftp()

    for protocol in ("sftp", "ssh"):
        if fsspec.registry.get(protocol, SFTPFileSystem) is SFTPFileSystem:
            fsspec.register_implementation(protocol, CheckedSftp, clobber=True)
