"""A running dashboard: what reaches browsers, what it writes while they look, and ways in by HTTP."""

from __future__ import annotations

import http.client
from urllib.parse import urlsplit

import pytest

from dashboards.navigation import PAGES
from tests.canaries import CALL, canary_night, leaks, private, told
from tests.dashboards.test_browser import serving, settle
from tests.rehearsal.site import free_port

pytestmark = pytest.mark.browser

ADMIN, LEAD = "demo-admin", "demo-qa-lead"
#: Audio elements stand in a component's shadow tree.
FIND_SOUND = """() => {
  const find = (root) => {
    for (const node of root.querySelectorAll('*')) {
      if (node.tagName === 'AUDIO' && node.src) return node.src;
      const inner = node.shadowRoot && find(node.shadowRoot);
      if (inner) return inner;
    }
  };
  return find(document);
}"""


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """Address and data home of a dashboard over a call that is full of canaries."""
    folders = [tmp_path_factory.mktemp(name) for name in ("source", "written", "given")]
    environment = canary_night(*folders)
    home = folders[1]
    with serving(
        f"sqlite:///{home / 'store.db'}", home, free_port(), **private(home), **raw_key(environment)
    ) as address:
        yield address, home


def raw_key(environment):
    return {"QA_RAW_KEY": environment["QA_RAW_KEY"]}


@pytest.fixture
def received(browser):
    """A tab, and every byte that its browser got: frames as they come, answers to be read."""
    got, answers = [], []

    def keep(answer):
        answers.append(answer)

    context = browser.new_context(accept_downloads=True)
    page = context.new_page()
    page.on("response", keep)
    page.on("websocket", lambda ws: ws.on("framereceived", lambda frame: got.append(raw(frame))))
    yield page, lambda: b"\n".join([*got, *map(body, answers)])
    context.close()


def body(answer):
    try:
        return answer.body()
    except Exception:  # noqa: BLE001 - redirects and streams have none
        return b""


def raw(frame):
    return frame if isinstance(frame, bytes) else frame.encode()


@pytest.mark.parametrize(("person", "exports"), [(ADMIN, ""), (LEAD, "reports")])
def test_no_page_and_no_export_tells_a_canary_or_leaves_one_on_disk(
    running, received, person, exports
):
    address, home = running
    page, got = received
    taken = home / "taken"
    taken.mkdir(exist_ok=True)
    for entry in sorted(PAGES, key=lambda entry: entry.name != exports):
        page.goto(f"{address}/{entry.name}?id={CALL}&as={person}&lang=en")
        drawn = page.get_by_test_id("stMain").get_by_test_id("stElementContainer")
        drawn.nth(1).wait_for(state="attached", timeout=60_000)
        page.wait_for_timeout(500)
        settle(page)
        buttons = page.get_by_test_id("stDownloadButton").get_by_role("button")
        if entry.name == exports:
            buttons.first.wait_for(timeout=60_000)
        for at in range(buttons.count()):
            if buttons.nth(at).is_enabled():
                with page.expect_download(timeout=60_000) as download:
                    buttons.nth(at).click()
                download.value.save_as(taken / f"{person}-{entry.name}-{at}")
    seen = got()
    assert len(seen) > 100_000
    assert [word for word in told(seen) if word != "sound"] == []
    assert list(taken.glob(f"{person}-*")) or not exports
    assert leaks(home) == []


def get(address, path, **headers):
    """Status and content of an address, asked for exactly as written."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=20)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    content = b"" if answer.status == 101 else answer.read()
    connection.close()
    return answer.status, content


def test_tables_hand_out_no_file_of_their_own(running, received):
    page, _ = received
    page.goto(f"{running[0]}/audit?as={ADMIN}&lang=en")
    table = page.get_by_test_id("stDataFrame").first
    table.wait_for(timeout=60_000)
    table.hover()
    tools = page.get_by_test_id("stElementToolbarButton")
    assert tools.filter(has=page.get_by_label("Search")).first.is_visible()
    taking = tools.filter(has=page.get_by_label("Download as CSV"))
    assert taking.count() == 1
    assert not taking.first.is_visible()


def test_sound_is_served_to_its_browser_only_and_stays_in_memory(running, received):
    address, home = running
    page, _ = received
    page.goto(f"{address}/call?id={CALL}&as={LEAD}&lang=en")
    page.wait_for_selector(".cq-turn", timeout=60_000)
    page.wait_for_function(FIND_SOUND)
    path = urlsplit(page.evaluate(FIND_SOUND)).path
    (mark,) = (one["value"] for one in page.context.cookies() if one["name"] == "qa_browser")
    status, wav = get(address, path, cookie=f"qa_browser={mark}")
    assert (status, wav[:4]) == (200, b"RIFF")
    *_, sound, until, signature = path.split("/")
    other = "0" if signature[-1] != "0" else "1"
    attempts = (
        (path, {}),
        (path, {"cookie": f"qa_browser={'0' * 32}"}),
        (f"/access/sound/{sound}/{int(until) + 3600}/{signature}", {}),
        (f"/access/sound/{sound}/{until}/{signature[:-1]}{other}", {}),
        (f"/access/sound/{'0' * 32}/{until}/{signature}", {}),
    )
    for tried, cookie in attempts:
        given = cookie or ({} if tried == path else {"cookie": f"qa_browser={mark}"})
        assert get(address, tried, **given)[0] == 404
    stretch = wav[len(wav) // 2 : len(wav) // 2 + 512]
    files = [one for one in home.rglob("*") if one.is_file()]
    assert len(set(stretch)) > 40
    assert [one.name for one in files if stretch in one.read_bytes()] == []


UPGRADE = {
    "upgrade": "websocket",
    "connection": "Upgrade",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    "sec-websocket-version": "13",
}


@pytest.mark.parametrize(
    ("origin", "host", "status"),
    [
        ("{own}", "", 101),
        ("http://evil.example", "", 403),
        ("null", "", 403),
        ("http://127.0.0.1.evil.example", "", 403),
        ("http://evil.example", "evil.example", 403),
    ],
    ids=["own", "stranger", "sandbox", "lookalike", "rebinding"],
)
def test_a_strangers_page_opens_no_session(running, origin, host, status):
    address, _ = running
    headers = {"origin": origin.format(own=address), **UPGRADE}
    if host:
        headers["host"] = host
    assert get(address, "/_stcore/stream", **headers)[0] == status


def test_a_name_that_points_here_gets_no_page(running):
    assert get(running[0], "/", host="evil.example")[0] == 421


def test_a_file_is_taken_with_the_sessions_token_only(running):
    connection = http.client.HTTPConnection(urlsplit(running[0]).netloc, timeout=20)
    connection.request("PUT", "/_stcore/upload_file/a/b", body=b"x")
    assert connection.getresponse().status == 403


@pytest.mark.parametrize(
    "path",
    [
        "/../../../../etc/passwd",
        "/static/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/app/static/..%2f..%2f..%2fqa.toml",
        "/media/..%2f..%2f..%2fetc%2fpasswd",
        "/_stcore/component/x/../../../../etc/passwd",
        "/_stcore/component/%2fetc%2fpasswd",
        "/access/sound/..%2f..%2fstore.db/1/x",
        "//etc/passwd",
    ],
)
def test_no_address_leads_to_a_file_of_the_machine(running, path):
    status, content = get(running[0], path)
    assert status in (200, 400, 404)
    assert status != 200 or b"Streamlit" in content
    assert b"root:" not in content
