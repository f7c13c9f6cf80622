"""The pages for developers in a browser that reaches nobody but 127.0.0.1: they work, and ask nobody else."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from tests.e2e.pages.browser import Browser, Page, running_browser
from tests.needs import needs

from cli.house import ISSUER, SERVICES
from cli.local import House

pytestmark = needs("chromium")
_PATHS = "[...document.querySelectorAll('.opblock-summary-path')].map(one => one.dataset.path)"
_RESULT = "document.querySelector('app-query-result')?.innerText"
_VIEWER = "{ viewer { signedIn subject } serverTime { business } }"


@pytest.fixture(scope="module")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the pictures of the pages go; pytest keeps those of the last runs."""
    return tmp_path_factory.mktemp("pages")


@pytest.fixture(scope="module")
def browser(shots: Path) -> Iterator[Browser]:
    with running_browser(shots) as running:
        yield running


@contextmanager
def _opened(browser: Browser, base: str, path: str, shot: Path) -> Iterator[Page]:
    """The page, which must have asked nobody but its own server, and without an error, when all is done."""
    with browser.page() as page:
        page.go(f"{base}{path}")
        try:
            yield page
        finally:
            page.screenshot(shot)
        assert f"{base}{path}" in page.asked
        assert page.foreign(base) == []
        assert page.failed() == []
        assert page.errors == []


@pytest.mark.parametrize("service", SERVICES)
def test_the_docs_list_every_operation(house: House, browser: Browser, shots: Path, service: str) -> None:
    base = house.where.url(service)
    described = httpx.get(f"{base}/openapi.json", trust_env=False).json()
    expected = [path for path, operations in described["paths"].items() for _ in operations]
    with _opened(browser, base, "/docs", shots / f"{service}.png") as page:
        page.until(f"{_PATHS}.length >= {len(expected)}")
        assert sorted(page.get(_PATHS)) == sorted(expected)
        page.click(".opblock-summary-control")
        assert page.until("document.querySelector('.opblock-body .responses-table')?.innerText")
        assert page.get("document.querySelector('.title').innerText").startswith(described["info"]["title"])


@pytest.fixture
def ide(house: House, browser: Browser, shots: Path, request: pytest.FixtureRequest) -> Iterator[Page]:
    """The IDE, open; what `_opened` asks of a page is asked when the test is done."""
    with _opened(browser, house.gateway_url, "/graphql", shots / f"{request.node.name}.png") as page:
        page.until("!!document.querySelector('app-query-editor .cm-content')")
        yield page


@needs("graphql-ide")
def test_the_ide_shows_the_schema_and_runs_its_first_query(ide: Page) -> None:
    assert "serverTime" in ide.get("document.querySelector('app-query-editor .cm-content').innerText")
    ide.click("[track-id=show_docs]")
    roots = "[...document.querySelectorAll('app-doc-viewer *')].filter(one => !one.childElementCount)"
    ide.until(f"{roots}.some(one => one.textContent.trim() === 'Mutation')")
    ide.get(f"void {roots}.find(one => one.textContent.trim() === 'Query').click()")
    fields = ide.until(
        "(text => text.includes('FIELDS') && text)(document.querySelector('app-doc-viewer').innerText)"
    )
    assert "serverTime" in fields
    ide.click("[track-id=set_request]")
    answer = ide.until(f"({_RESULT} ?? '').includes('business') && {_RESULT}")
    assert "200 OK" in answer
    assert '"errors"' not in answer


@needs("graphql-ide")
def test_the_ide_sends_a_token_and_a_query_of_ones_own(ide: Page, house: House) -> None:
    ide.click("[track-id=show_set_headers]")
    ide.write(".ant-modal app-x-input[placeholder='Header key'] .cm-content", "Authorization")
    token = house.user_token("developer")
    ide.write(".ant-modal app-x-input[placeholder='Header value'] .cm-content", f"Bearer {token}")
    ide.click(".ant-modal .btn--primary")
    ide.write("app-query-editor .cm-content", _VIEWER)
    ide.click("[track-id=set_request]")
    answer = ide.until(f"({_RESULT} ?? '').includes('viewer') && {_RESULT}")
    assert '"signedIn": true' in answer
    assert f'"developer@{ISSUER.removeprefix("https://")}"' in answer


def test_what_a_page_asks_of_others_is_seen_and_goes_nowhere(house: House, tmp_path: Path) -> None:
    """The proof that the tests above can fail, and that the network is shut while they run."""
    gateway, intake = house.gateway_url, house.intake_url
    strange = ("https://cdn.example.com/logo.svg", "http://192.0.2.1/x.js", f"{intake}/healthz")
    with running_browser(tmp_path) as other, other.page() as page:
        page.go(f"{gateway}/docs")
        for url in (*strange, f"{gateway}/nothing"):
            page.get(f"fetch({json.dumps(url)}).catch(() => 0)")
        page.get(
            "new Promise(done => { setTimeout(done, 1); throw_ = () => { throw new Error('planted') };"
            " setTimeout(throw_, 0) })"
        )
        foreign, failed = page.foreign(gateway), page.failed()
        assert [line.split(" ")[0] for line in foreign] == list(strange)
        # without a header that lets the gateway's page in, a service's answer is kept from it too
        assert [line.split(" ")[0] for line in failed] == [*strange, f"{gateway}/nothing"]
        assert any("planted" in error for error in page.errors)
    log = json.loads((tmp_path / "netlog.json").read_text())
    connecting = log["constants"]["logEventTypes"]["TCP_CONNECT_ATTEMPT"]
    attempts = [one.get("params", {}) for one in log["events"] if one["type"] == connecting]
    addresses = {one["address"] for one in attempts if "address" in one}
    assert addresses == {url.removeprefix("http://") for url in (gateway, intake)}
