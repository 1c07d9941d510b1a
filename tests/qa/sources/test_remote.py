"""Real servers on loopback: a manifest over HTTP, and SFTP that checks whom it talks to."""

from __future__ import annotations

import functools
import http.server
import socket
import threading
from urllib.parse import quote, unquote

import pytest

from qa.errors import QaError, SourceError, TransientError
from qa.ingest import Ingested, ingest_many
from qa.sources import SourceItem, SourceOptions, SourceProblem, list_source, open_file


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def web(tmp_path):
    """Address of a web server over a folder with two calls and a manifest."""
    pytest.importorskip("aiohttp", reason="fsspec reads HTTP with aiohttp")
    (tmp_path / "a.wav").write_bytes(b"RIFF a")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "b c.wav").write_bytes(b"RIFF bc")
    rows = "a.wav,c-1\nsub/b c.wav,c-2\ngone.wav,c-3\nhttp://169.254.169.254/x.wav,c-4\n"
    (tmp_path / "manifest.csv").write_text(f"file,call_id\n{rows}")
    handler = functools.partial(Quiet, directory=str(tmp_path))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_manifest_over_http(web, sqlite_url):
    from qa.store import connect

    found = list(list_source(f"{web}/manifest.csv"))
    items = [each for each in found if isinstance(each, SourceItem)]
    problems = [each for each in found if isinstance(each, SourceProblem)]
    assert [item.details.call_id for item in items] == ["c-1", "c-2"]
    assert [problem.kind.value for problem in problems] == ["missing", "unsafe_path"]
    with connect(sqlite_url, upgrade=True) as store:
        entered = list(ingest_many(items, store))
        assert all(isinstance(each, Ingested) and each.new for each in entered)
        assert not any(each.new for each in ingest_many(items, store))
        with open_file(store.recordings.get(entered[1].recording.id).uri) as file:
            assert file.read() == b"RIFF bc"


def test_a_web_server_that_is_away_is_transient(web):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(QaError) as raised:
        list_source(f"http://127.0.0.1:{port}/manifest.csv")
    assert isinstance(raised.value, TransientError | SourceError)
    assert raised.value.remedy


@pytest.fixture
def sending_elsewhere(tmp_path):
    """A web server that answers `/to/PLACE` with a redirect there, and what it was asked for."""
    pytest.importorskip("aiohttp", reason="fsspec reads HTTP with aiohttp")
    (tmp_path / "a.wav").write_bytes(b"RIFF a")
    asked = []

    class Redirecting(Quiet):
        def do_HEAD(self):
            asked.append(self.path)
            if self.path.startswith("/to/"):
                self.send_response(302)
                self.send_header("Location", unquote(self.path.removeprefix("/to/")))
                self.send_header("Content-Length", "0")
                self.end_headers()
            else:
                super().do_HEAD()

        def do_GET(self):
            if self.path.startswith("/to/"):
                self.do_HEAD()
            else:
                asked.append(self.path)
                super().do_GET()

    servers = [
        http.server.ThreadingHTTPServer(
            (host, 0), functools.partial(Redirecting, directory=str(tmp_path))
        )
        for host in ("127.0.0.1", "127.0.0.2")
    ]
    for server in servers:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield tuple(f"http://{s.server_address[0]}:{s.server_port}" for s in servers), asked
    for server in servers:
        server.shutdown()
        server.server_close()


def to(place):
    return f"/to/{quote(place, safe='')}"


@pytest.mark.parametrize(
    "place",
    [
        "http://127.0.0.1:1/a.wav",
        "http://localhost/a.wav",
        "http://10.0.0.1/a.wav",
        "//192.168.0.1/a.wav",
        "http://169.254.169.254/latest/meta-data",
        "http://[::1]/a.wav",
        "http://elsewhere.example/a.wav",
        "ftp://127.0.0.1/a.wav",
        "file:///etc/passwd",
        "OTHER/a.wav",
        "/to/http%3A%2F%2F10.0.0.1%2Fa.wav",  # by way of the same host
    ],
)
def test_a_redirect_to_another_place_is_refused(sending_elsewhere, place):
    (here, other), asked = sending_elsewhere
    address = f"{here}{to(place.replace('OTHER', other))}"
    with pytest.raises(QaError) as raised, open_file(address) as file:
        file.read()
    assert not isinstance(raised.value, TransientError)
    assert "/a.wav" not in asked
    with pytest.raises(SourceError):
        list(list_source(address.replace(".wav", ".csv")))


def test_a_redirect_on_the_same_host_is_followed(sending_elsewhere):
    (here, _), _ = sending_elsewhere
    with open_file(f"{here}{to('/a.wav')}") as file:
        assert file.read() == b"RIFF a"


@pytest.mark.parametrize(
    ("storage", "followed"),
    [
        ({}, False),
        ({"redirect_hosts": "x.example, 127.0.0.2"}, True),
        (
            {"redirect_hosts": "127.0.0.2", "client_kwargs": {"headers": {"X-Key": "hunter2"}}},
            False,
        ),
        ({"redirect_hosts": "127.0.0.2", "client_kwargs": {"cookies": {"k": "hunter2"}}}, False),
        ({"redirect_hosts": "127.0.0.2", "headers": {"Authorization": "hunter2"}}, False),
    ],
)
def test_another_host_must_be_allowed_and_is_not_asked_with_credentials(
    sending_elsewhere, storage, followed
):
    (here, other), asked = sending_elsewhere
    try:
        with open_file(f"{here}{to(f'{other}/a.wav')}", storage) as file:
            content = file.read()
    except SourceError as error:
        content = str(error)
        assert "hunter2" not in content
    assert (content == b"RIFF a") is followed
    assert ("/a.wav" in asked) is followed


def test_a_name_that_stands_for_a_clouds_keys_is_not_asked(monkeypatch):
    pytest.importorskip("aiohttp", reason="fsspec reads HTTP with aiohttp")
    known = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("169.254.169.254", 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: known)
    with (
        pytest.raises(SourceError, match="no place for recordings"),
        open_file("http://calls.example/a.wav") as file,
    ):
        file.read()


paramiko = pytest.importorskip("paramiko", reason="SFTP needs paramiko")


class _Server(paramiko.ServerInterface):
    def check_auth_password(self, username, password):
        good = (username, password) == ("qa", "hunter2")
        return paramiko.AUTH_SUCCESSFUL if good else paramiko.AUTH_FAILED

    def check_channel_request(self, kind, chanid):
        return paramiko.OPEN_SUCCEEDED

    def get_allowed_auths(self, username):
        return "password"


def _files_of(root):
    class Files(paramiko.SFTPServerInterface):
        def list_folder(self, path):
            folder = root / path.strip("/")
            return [self._facts(each) for each in folder.iterdir()]

        def stat(self, path):
            target = root / path.strip("/")
            return self._facts(target) if target.exists() else paramiko.SFTP_NO_SUCH_FILE

        lstat = stat

        def open(self, path, flags, attr):
            handle = paramiko.SFTPHandle(flags)
            handle.readfile = (root / path.strip("/")).open("rb")
            return handle

        def _facts(self, path):
            return paramiko.SFTPAttributes.from_stat(path.stat(), filename=path.name)

    return Files


@pytest.fixture
def sftp(tmp_path):
    """Port, known_hosts file and folder of an SFTP server for user qa with password hunter2."""
    root = tmp_path / "root"
    (root / "calls").mkdir(parents=True)
    key = paramiko.RSAKey.generate(2048)
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    transports = []

    def serve():
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            transport = paramiko.Transport(client)
            transport.add_server_key(key)
            transport.set_subsystem_handler("sftp", paramiko.SFTPServer, _files_of(root))
            transports.append(transport)
            try:
                transport.start_server(server=_Server())
            except (EOFError, paramiko.SSHException):
                continue

    threading.Thread(target=serve, daemon=True).start()
    known = tmp_path / "known_hosts"
    known.write_text(f"[127.0.0.1]:{port} {key.get_name()} {key.get_base64()}\n")
    yield port, known, root / "calls"
    listener.close()
    for transport in transports:
        transport.close()


def test_sftp_with_a_known_host_key(sftp):
    port, known, folder = sftp
    (folder / "a.wav").write_bytes(b"RIFF over ssh")
    storage = {"password": "hunter2", "known_hosts": str(known)}
    options = SourceOptions(storage=storage, settle_seconds=0)
    (item,) = list_source(f"sftp://qa@127.0.0.1:{port}/calls", options)
    assert item.uri == f"sftp://qa@127.0.0.1:{port}/calls/a.wav"
    assert item.modified_at is not None
    with open_file(item.uri, storage) as file:
        assert file.read() == b"RIFF over ssh"


@pytest.mark.parametrize("fault", ["unknown host key", "wrong password"])
def test_sftp_refusals_are_told_without_the_secret(sftp, tmp_path, fault):
    port, known, _ = sftp
    if fault == "unknown host key":
        known.write_text("")
    password = "hunter2" if fault == "unknown host key" else "letmein77"
    options = SourceOptions(storage={"password": password, "known_hosts": str(known)})
    with pytest.raises(SourceError) as raised:
        list(list_source(f"sftp://qa@127.0.0.1:{port}/calls", options))
    assert "host key" in raised.value.remedy
    assert password not in str(raised.value)
