"""Real servers on loopback: a manifest over HTTP, and SFTP that checks whom it talks to."""

from __future__ import annotations

import functools
import http.server
import socket
import threading

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
