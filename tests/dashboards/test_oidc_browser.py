"""Sign-in through an OpenID Connect provider, in a real browser against a real one on loopback."""

import pytest

from qa.audit import AuditAction
from qa.store import connect
from tests.dashboards.test_browser import serving, settle
from tests.oidc_provider import CLIENT_ID, CLIENT_SECRET, provider
from tests.rehearsal.site import free_port

pytestmark = pytest.mark.browser

PEOPLE = {
    "mei": {"email": "mei@example.org", "name": "Mei Lin", "groups": ["qa-team"]},
    "gareth": {"email": "gareth@example.org", "name": "Gareth", "groups": ["golf"]},
}


@pytest.fixture(scope="module")
def centre(demo_url, tmp_path_factory):
    """A dashboard whose people come from the provider: its address, and the provider."""
    home, port = tmp_path_factory.mktemp("oidc"), free_port()
    with provider(PEOPLE) as idp:
        (home / "oidc.toml").write_text(
            f"""[auth]
redirect_uri = "http://127.0.0.1:{port}/oauth2callback"
cookie_secret = "made up for this test only"
client_id = "{CLIENT_ID}"
client_secret = "{CLIENT_SECRET}"
server_metadata_url = "{idp.address}/.well-known/openid-configuration"
"""
        )
        roles = '{"qa-team": ["monitor"]}'
        oidc = {"QA_ACCESS__SIGN_IN": "oidc", "QA_ACCESS__CLAIM_ROLES": roles}
        with serving(demo_url, home, port, **oidc) as address:
            yield address, idp


def enter(page, address, who):
    page.set_default_timeout(60_000)
    page.goto(f"{address}/?lang=en")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name=who).click()
    page.wait_for_url(f"{address}/**")


def test_a_known_group_signs_in_and_out(browser, centre, demo_url):
    address, idp = centre
    page = browser.new_page()
    enter(page, address, "mei")
    page.get_by_text("Mei Lin").first.wait_for()
    page.get_by_role("button", name="Sign out").wait_for()  # still in the language of the link
    page.get_by_role("heading").first.wait_for()
    settle(page)
    with connect(demo_url, read_only=True) as store:
        events = [e for e in store.audit.events() if e.action == AuditAction.SIGN_IN]
    assert events[-1].user_id == "mei@example.org"
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Sign in").wait_for()
    assert idp.refused == []
    page.close()


def test_an_unknown_group_sees_nothing(browser, centre):
    address, _ = centre
    page = browser.new_context().new_page()
    enter(page, address, "gareth")
    page.get_by_text("gareth@example.org").wait_for()
    assert page.get_by_test_id("stDataFrame").count() == 0
    page.close()
