"""An HTTP proxy that fails as it is told (500s, silence, half of a body), and an object store."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.rehearsal.site import free_port

SECRET = "s3cr3t-of-the-store"


class FaultyProxy:
    """Passes requests on to `target`; `fail` says what happens to the next ones."""

    def __init__(self, target: str) -> None:  # noqa: C901
        self.faults: list[str] = []
        self.requests: list[str] = []
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_GET(self):
                proxy.requests.append(self.path)
                fault = proxy.faults.pop(0) if proxy.faults else ""
                if fault == "500":
                    self._answer(500, {}, b"<Error><Code>InternalError</Code></Error>")
                    return
                if fault == "silence":
                    time.sleep(3)
                    self.close_connection = True
                    return
                request = urllib.request.Request(target + self.path, method=self.command)
                for name, value in self.headers.items():
                    if name.lower() not in ("host", "connection"):
                        request.add_header(name, value)
                try:
                    with urllib.request.urlopen(request) as answer:
                        status, headers, body = answer.status, answer.headers, answer.read()
                except urllib.error.HTTPError as error:
                    status, headers, body = error.code, error.headers, error.read()
                self._answer(status, headers, body, cut=fault == "half")

            do_HEAD = do_GET  # noqa: N815

            def _answer(self, status, headers, body, *, cut=False):
                self.send_response(status)
                for name, value in headers.items():
                    if name.lower() not in ("transfer-encoding", "connection", "date", "server"):
                        self.send_header(name, value)
                if "content-length" not in {name.lower() for name in headers}:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body[: len(body) // 2] if cut else body)
                if cut:
                    self.wfile.flush()
                    self.close_connection = True

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def fail(self, *faults: str) -> None:
        """Do this to the next requests, one each."""
        self.faults = list(faults)

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def faulty_store(bucket: str) -> Iterator[tuple[FaultyProxy, Any]]:
    """A moto server behind a proxy that can fail, and a client that puts objects past the proxy."""
    import boto3

    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, stdout=quiet, stderr=quiet)
    try:
        wait_for(port, process)
        keys = {"aws_access_key_id": "AK", "aws_secret_access_key": SECRET}
        url = f"http://127.0.0.1:{port}"
        client = boto3.client("s3", endpoint_url=url, region_name="us-east-1", **keys)
        client.create_bucket(Bucket=bucket)
        proxy = FaultyProxy(url)
        yield proxy, client
        proxy.close()
    finally:
        process.terminate()
        process.wait(timeout=30)


def wait_for(port: int, process: subprocess.Popen) -> None:
    """Until something listens on a port of loopback."""
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert process.poll() is None, "the server ended"
        time.sleep(0.1)
    raise TimeoutError(f"nothing listens on {port}")


def reached_by(proxy: FaultyProxy) -> dict[str, str]:
    """The environment in which a site reaches the store: credentials there, nowhere else."""
    return {
        "AWS_ACCESS_KEY_ID": "AK",
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_ENDPOINT_URL": proxy.url,
        "AWS_DEFAULT_REGION": "us-east-1",
        "NO_PROXY": "127.0.0.1",
    }
