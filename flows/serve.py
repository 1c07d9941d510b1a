"""Start the Streamlit app with the site's theme, on loopback unless told otherwise."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

from flows.output import note
from qa import runtime
from qa.errors import SettingsError
from qa.settings import AccessSettings, load_settings

#: Streamlit options, as environment: an installed wheel has no `.streamlit` folder to read.
_OPTIONS = {
    "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
    "STREAMLIT_SERVER_HEADLESS": "true",
    "STREAMLIT_SERVER_FILE_WATCHER_TYPE": "none",
    "STREAMLIT_SERVER_ENABLE_XSRF_PROTECTION": "true",
    "STREAMLIT_SERVER_ENABLE_CORS": "true",
    "STREAMLIT_CLIENT_TOOLBAR_MODE": "minimal",
    "STREAMLIT_CLIENT_SHOW_ERROR_DETAILS": "type",
    "STREAMLIT_THEME_PRIMARY_COLOR": "#1f5fa8",
    "STREAMLIT_THEME_BACKGROUND_COLOR": "#ffffff",
    "STREAMLIT_THEME_SECONDARY_BACKGROUND_COLOR": "#f4f6f9",
    "STREAMLIT_THEME_TEXT_COLOR": "#1d2530",
    "STREAMLIT_THEME_BASE_RADIUS": "small",
}

#: What `st.login` asks of a provider's `[auth]` table.
_PROVIDER = ("redirect_uri", "cookie_secret", "client_id", "client_secret", "server_metadata_url")
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


def serve_dashboard(*, store: str, port: int, address: str) -> int:
    """Run the dashboard in the foreground; returns its exit code.

    Raises:
        SettingsError: The port is taken, or the dashboard's packages are not installed.
    """
    spec = find_spec("dashboards")
    if find_spec("streamlit") is None or spec is None or spec.origin is None:
        raise SettingsError(
            "streamlit is not installed", "dashboard", "pip install 'call-quality[dashboards]'"
        )
    settings = load_settings()
    if settings.access.sign_in == "demo" and address not in _LOOPBACK:
        raise SettingsError(
            f"a demonstration without passwords cannot listen on {address}",
            "access.sign_in",
            "set it to local, oidc or proxy, or leave --address on 127.0.0.1",
        )
    secrets = []
    if settings.access.sign_in == "oidc":
        secrets = [f"--secrets.files={require_provider(settings.access)}"]
    _require_free(address, port)
    environment = {**_OPTIONS, **os.environ, "QA_STORE": store or settings.store}
    app = Path(spec.origin).with_name("server.py")
    command = [sys.executable, "-m", "streamlit", "run", str(app)]
    command += [f"--server.port={port}", f"--server.address={address}", *secrets]
    note(f"Dashboard: http://{address}:{port}  (stop with Ctrl+C)")
    server = subprocess.Popen(command, env=environment)  # noqa: S603
    # A service manager stops this process; the server must not outlive it
    signal.signal(signal.SIGTERM, lambda *_: server.terminate())
    try:
        return server.wait()
    except KeyboardInterrupt:
        return 0


def require_provider(settings: AccessSettings) -> Path:
    """The file that names the OpenID Connect provider, complete.

    Raises:
        SettingsError: It is missing or lacks an entry, or Authlib is not installed.
    """
    if find_spec("authlib") is None:
        raise SettingsError(
            "sign-in through a provider needs Authlib",
            "access.sign_in",
            "pip install 'call-quality[dashboards]'",
        )
    path = provider_file(settings)
    try:
        auth = tomllib.loads(path.read_text(encoding="utf-8")).get("auth")
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(
            f"the provider's file cannot be read ({error})",
            str(path),
            "write its [auth] table; see docs/access.md, or set access.oidc_file",
        ) from error
    auth = auth if isinstance(auth, dict) else {}
    missing = [name for name in _PROVIDER if not isinstance(auth.get(name), str) or not auth[name]]
    if missing:
        raise SettingsError(
            f"[auth] lacks {', '.join(missing)}", str(path), "add them; see docs/access.md"
        )
    if not auth["redirect_uri"].endswith("/oauth2callback"):
        raise SettingsError(
            f"redirect_uri is {auth['redirect_uri']!r}",
            str(path),
            "let it be the dashboard's address followed by /oauth2callback",
        )
    return path


def provider_file(settings: AccessSettings) -> Path:
    """Where the provider's `[auth]` table stands."""
    return Path(settings.oidc_file) if settings.oidc_file else runtime.data_home() / "oidc.toml"


def _require_free(address: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            raise SettingsError(
                f"{address}:{port} cannot be used ({error.strerror})",
                "dashboard",
                "stop what is listening there, or choose another --port",
            ) from error
