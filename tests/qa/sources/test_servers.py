"""Sources on real servers on loopback: an S3-compatible store, OpenSSH, HTTP; and their faults."""

from __future__ import annotations

import getpass
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from qa.errors import QaError, SourceError, TransientError
from qa.ingest import Ingested, NotIngested, ingest_many
from qa.sources import SourceItem, SourceOptions, list_source, open_file
from qa.sources.days import places_of
from tests.qa.sources.faulty_proxy import SECRET, faulty_store, reached_by, wait_for
from tests.rehearsal.site import free_port

pytestmark = pytest.mark.flow
NOW = datetime(2026, 3, 2, 20, 0, tzinfo=UTC)  # the third of March in Shanghai


@pytest.fixture(scope="module")
def s3_server():
    """An object store of recordings by day, behind a proxy that can fail."""
    pytest.importorskip("moto.server", reason="moto is not installed: S3 is NOT TESTED")
    pytest.importorskip("boto3")
    with faulty_store("rec") as (proxy, client):
        for day in ("2020/01/01", "2026/03/01", "2026/03/03"):
            for number in range(3):
                body = f"{day} {number} ".encode() * 1000
                client.put_object(Bucket="rec", Key=f"{day}/call-{number}.wav", Body=body)
        yield proxy


@pytest.fixture
def s3(s3_server, monkeypatch):
    """The server as a site reaches it: credentials in the environment, nowhere else."""
    for name, value in reached_by(s3_server).items():
        monkeypatch.setenv(name, value)
    s3fs = pytest.importorskip("s3fs", reason="s3fs is not installed: S3 is NOT TESTED")
    monkeypatch.setattr(s3fs.S3FileSystem, "retries", 1)  # its own patience would hide the fault
    s3_server.fail()
    s3_server.requests.clear()
    patience = {"connect_timeout": 1, "read_timeout": 1, "retries": {"max_attempts": 1}}
    return s3_server, SourceOptions(storage={"config_kwargs": patience})


def test_objects_are_listed_and_read_by_what_the_store_keeps(s3, store):
    _, options = s3
    found = list(list_source("s3://rec/2026/03/03", options, now=lambda: NOW))
    assert [item.uri for item in found] == [
        f"s3://rec/2026/03/03/call-{number}.wav" for number in range(3)
    ]
    taken = list(ingest_many(found, store, storage=options.storage))
    assert all(isinstance(each, Ingested) and each.new for each in taken)
    with open_file(found[0].uri, options.storage) as file:
        assert file.read().startswith(b"2026/03/03 0 ")
    assert SECRET not in repr(options) + repr(found) + repr(taken)


def test_only_the_last_days_are_looked_at(s3):
    server, options = s3
    found = list(list_source("s3://rec/{yyyy}/{mm}/{dd}", options, now=lambda: NOW))
    assert {item.uri.split("/call")[0] for item in found} == {
        "s3://rec/2026/03/01",
        "s3://rec/2026/03/03",
    }  # nothing on the second is no problem
    assert not any("2020" in path for path in server.requests)


@pytest.mark.parametrize("fault", ["500", "silence", "half"])
def test_a_fault_while_reading_is_worth_another_try(s3, store, fault):
    server, options = s3
    found = list(list_source("s3://rec/2026/03/01", options, now=lambda: NOW))
    server.fail(*[fault] * 12)
    (refused, *_) = ingest_many(found[:1], store, storage=options.storage)
    assert isinstance(refused, NotIngested)
    assert isinstance(refused.error, TransientError), refused.error
    server.fail()
    (taken,) = ingest_many(found[:1], store, storage=options.storage)
    assert taken.new


def test_a_server_that_is_down_is_named_without_its_secret(s3, monkeypatch):
    _, options = s3
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")
    with pytest.raises(QaError) as caught:
        list(list_source("s3://rec/down", SourceOptions(storage=dict(options.storage, x=1))))
    assert SECRET not in str(caught.value)


@pytest.fixture(scope="module")
def sftp_server(tmp_path_factory):
    """OpenSSH's own server with a fresh host key and one authorised key."""
    program = shutil.which("sshd") or shutil.which("sshd", path="/usr/sbin:/usr/local/sbin")
    if program is None:
        pytest.skip("OpenSSH's server is not installed: SFTP is NOT TESTED")
    folder = tmp_path_factory.mktemp("sshd")
    folder.chmod(0o700)
    for name in ("host", "client"):
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
        subprocess.run(command, check=True)
    (folder / "authorized").write_bytes((folder / "client.pub").read_bytes())
    port = free_port()
    Path("/run/sshd").mkdir(exist_ok=True)
    config = folder / "config"
    config.write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\nPidFile {folder}/pid\n"
        f"AuthorizedKeysFile {folder}/authorized\nStrictModes no\nUsePAM no\n"
        "PasswordAuthentication no\nPermitRootLogin yes\nSubsystem sftp internal-sftp\n",
        encoding="utf-8",
    )
    quiet = subprocess.DEVNULL
    process = subprocess.Popen([program, "-D", "-f", str(config)], stdout=quiet, stderr=quiet)
    try:
        wait_for(port, process)
        yield folder, port
    finally:
        process.terminate()
        process.wait(timeout=30)


def sftp_options(folder, port, *, known=True):
    host = (folder / "host.pub").read_text(encoding="utf-8").split()[:2]
    hosts = folder / ("known" if known else "unknown")
    hosts.write_text(f"[127.0.0.1]:{port} {' '.join(host)}\n" if known else "", encoding="utf-8")
    storage = {"port": port, "username": getpass.getuser(), "known_hosts": str(hosts)}
    storage |= {"key_filename": str(folder / "client"), "look_for_keys": False}
    return SourceOptions(settle_seconds=0, storage=storage | {"allow_agent": False})


def test_files_come_over_sftp_from_a_host_that_is_known(sftp_server, tmp_path):
    (tmp_path / "call-1.wav").write_bytes(b"sound" * 10)
    options = sftp_options(*sftp_server)
    (found,) = list_source(f"sftp://127.0.0.1{tmp_path}", options)
    assert isinstance(found, SourceItem)
    with open_file(found.uri, options.storage) as file:
        assert file.read() == b"sound" * 10


def test_a_host_whose_key_is_not_known_is_refused(sftp_server, tmp_path):
    options = sftp_options(*sftp_server, known=False)
    with pytest.raises(QaError) as caught:
        list(list_source(f"sftp://127.0.0.1{tmp_path}", options))
    assert not isinstance(caught.value, NotImplementedError)
    assert "127.0.0.1" in str(caught.value)


@pytest.mark.parametrize(
    ("url", "days", "expected"),
    [
        ("/in/{yyyy}/{mm}/{dd}", 2, ["/in/2026/03/02", "/in/2026/03/03"]),
        ("/in/{yyyymmdd}", 1, ["/in/20260303"]),
        ("/in/{yyyy}-{mm}", 3, ["/in/2026-03"]),
    ],
)
def test_days_are_those_of_the_site(url, days, expected):
    assert list(places_of(url, now=NOW, days=days, timezone="Asia/Shanghai")) == expected


def test_a_source_without_the_days_it_names_is_empty_and_a_wrong_address_is_an_error(tmp_path):
    assert list(list_source(f"{tmp_path}/{{yyyy}}/{{mm}}", SourceOptions())) == []
    with pytest.raises(SourceError):
        list(list_source(f"{tmp_path}/none", SourceOptions()))
