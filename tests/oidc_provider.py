"""A small OpenID Connect provider on loopback: discovery, authorization code, signed tokens, logout."""

from __future__ import annotations

import base64
import json
import secrets
import threading
import time
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT_ID, CLIENT_SECRET = "quality", "not-a-secret"


class Provider(ThreadingHTTPServer):
    """Asks who one is, and says it signed.

    Attributes:
        people: Claims by subject; the sign-in page offers each as a link.
        refused: What was asked for wrongly, for the test to see.
    """

    daemon_threads = True

    def __init__(self, people):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.people, self.refused = people, []
        self.key = RSAKey.generate_key(2048, {"kid": "1", "use": "sig", "alg": "RS256"})
        self.codes = {}
        #: Another site than 127.0.0.1 to a browser: cookies cross as they do in the world.
        self.address = f"http://localhost:{self.server_address[1]}"

    @property
    def metadata(self):
        return {
            "issuer": self.address,
            **{
                f"{name}_endpoint": f"{self.address}/{name}"
                for name in ("authorization", "token", "userinfo", "end_session")
            },
            "jwks_uri": f"{self.address}/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
            "scopes_supported": ["openid", "email", "profile"],
        }

    def token_for(self, subject, nonce):
        now = int(time.time())
        claims = {
            "iss": self.address,
            "aud": CLIENT_ID,
            "sub": subject,
            "iat": now,
            "exp": now + 600,
            "nonce": nonce,
            **self.people[subject],
        }
        return jwt.encode({"alg": "RS256", "kid": "1"}, claims, self.key)


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        path, asked = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
        one = {name: values[0] for name, values in asked.items()}
        if path == "/.well-known/openid-configuration":
            self._json(self.server.metadata)
        elif path == "/jwks":
            self._json({"keys": [self.server.key.as_dict(private=False)]})
        elif path == "/authorization":
            self._offer(one)
        elif path == "/enter":
            self._enter(one)
        elif path == "/end_session":
            self._redirect(one["post_logout_redirect_uri"])
        elif path == "/favicon.ico":
            self._answer(b"", "image/x-icon")
        else:
            self._refuse(f"GET {path}")

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        one = {name: values[0] for name, values in parse_qs(body).items()}
        known = self.server.codes.pop(one.get("code", ""), None)
        proof = sha256(one.get("code_verifier", "").encode()).digest()
        if known is None or _text(proof) != known["code_challenge"] or not self._is_client(one):
            self._refuse("token")
            return
        token = self.server.token_for(known["sub"], known["nonce"])
        self._json(
            {
                "access_token": secrets.token_hex(8),
                "token_type": "Bearer",
                "expires_in": 600,
                "id_token": token,
            }
        )

    def _is_client(self, one):
        basic = self.headers.get("authorization", "").removeprefix("Basic ")
        given = base64.b64decode(basic).decode() if basic else ""
        posted = f"{one.get('client_id')}:{one.get('client_secret')}"
        return f"{CLIENT_ID}:{CLIENT_SECRET}" in (given, posted)

    def _offer(self, one):
        if one.get("client_id") != CLIENT_ID or one.get("code_challenge_method") != "S256":
            self._refuse("authorization")
            return
        links = "".join(
            f'<p><a href="/enter?{urlencode({**one, "sub": subject})}">{subject}</a></p>'
            for subject in self.server.people
        )
        self._answer(f"<!doctype html><h1>Provider</h1>{links}".encode(), "text/html")

    def _enter(self, one):
        code = secrets.token_urlsafe(16)
        self.server.codes[code] = one
        self._redirect(f"{one['redirect_uri']}?{urlencode({'code': code, 'state': one['state']})}")

    def _redirect(self, where):
        self.send_response(302)
        self.send_header("location", where)
        self.end_headers()

    def _json(self, value):
        self._answer(json.dumps(value).encode(), "application/json")

    def _answer(self, body, kind, status=200):
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _refuse(self, what):
        self.server.refused.append(what)
        self._answer(b'{"error": "invalid_request"}', "application/json", 400)

    def log_message(self, *_):
        pass


def _text(digest):
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


@contextmanager
def provider(people):
    """A running provider."""
    server = Provider(people)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
