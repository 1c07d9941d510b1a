"""What `qa dashboard` asks of a site before it starts."""

import pytest

from flows.serve import require_provider
from qa.errors import SettingsError
from qa.settings import AccessSettings

GIVEN = {
    "redirect_uri": "https://quality.example.com/oauth2callback",
    "cookie_secret": "abc",
    "client_id": "quality",
    "client_secret": "def",
    "server_metadata_url": "https://login.example.com/.well-known/openid-configuration",
}


def written(tmp_path, text):
    path = tmp_path / "oidc.toml"
    path.write_text(text, encoding="utf-8")
    return AccessSettings(sign_in="oidc", oidc_file=str(path))


def table(**changes):
    rows = (f'{key} = "{value}"' for key, value in (GIVEN | changes).items() if value)
    return "\n".join(["[auth]", *rows])


def test_a_complete_provider_is_taken(tmp_path):
    settings = written(tmp_path, table())
    assert require_provider(settings) == tmp_path / "oidc.toml"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (table(client_secret="", cookie_secret=""), "cookie_secret, client_secret"),
        (table(redirect_uri="https://quality.example.com"), "/oauth2callback"),
        ("auth = ", "cannot be read"),
        ("", "lacks redirect_uri"),
        ('auth = "x"', "lacks redirect_uri"),
    ],
)
def test_an_incomplete_provider_is_named_with_its_file(tmp_path, text, said):
    with pytest.raises(SettingsError) as error:
        require_provider(written(tmp_path, text))
    assert said in str(error.value)
    assert "oidc.toml" in str(error.value)


def test_a_missing_file_of_the_provider_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("QA_HOME", str(tmp_path / "home"))
    with pytest.raises(SettingsError, match=r"home/oidc\.toml"):
        require_provider(AccessSettings(sign_in="oidc"))
