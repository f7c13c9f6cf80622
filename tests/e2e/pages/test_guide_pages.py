"""The pages of all guides in a browser: they ask for nothing else, show everything, fit and print."""

import base64
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pypdfium2
import pytest
from tests.e2e.pages.browser import Browser, Page, running_browser
from tests.needs import needs

from cli import project
from cli.local import House
from common import pages
from guide import Lang, Pack, load_pack
from guide.review import compare, review

pytestmark = needs("chromium")
GUIDES = {file.stem: file for file in sorted((project.root() / "deploy/guides").glob("*.yaml"))}
CASES = project.root() / "tests/guide/cases"
_TEXT = "document.body.innerText"
_WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
_MISSING = (
    """((prefix, names) => names.filter(one => !document.getElementById(prefix + one)?.innerText.trim()))"""
)


@cache
def pack(name: str) -> Pack:
    return load_pack(GUIDES[name].read_bytes())


class _Served(BaseHTTPRequestHandler):
    """One page at `/`, with the headers that services send."""

    html = ""

    def do_GET(self) -> None:
        body = self.html.encode() if self.path == "/" else b""
        self.send_response(200 if body else 404)
        headers = {
            **pages.HEADERS,
            "content-type": "text/html; charset=utf-8",
            "content-length": str(len(body)),
        }
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def served(html: str) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Served", (_Served,), {"html": html}))
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the pictures and prints of the pages go; pytest keeps those of the last runs."""
    return tmp_path_factory.mktemp("guides")


@pytest.fixture(scope="module")
def browser(shots: Path) -> Iterator[Browser]:
    with running_browser(shots) as running:
        yield running


@contextmanager
def opened(browser: Browser, html: str, shot: Path) -> Iterator[Page]:
    """The page; when all is done it must have asked for itself alone, and broken no rule of its policy."""
    with served(html) as base, browser.page() as page:
        page.go(f"{base}/")
        yield page
        page.screenshot(shot)
        assert page.foreign(base) == []
        assert set(page.asked) <= {f"{base}/", f"{base}/favicon.ico"}
        assert [error for error in page.errors if "favicon" not in error] == []


def printed(page: Page, file: Path) -> list[str]:
    """The text of each page on paper."""
    made = base64.b64decode(page.call("Page.printToPDF", preferCSSPageSize=True)["data"])
    file.write_bytes(made)
    with pypdfium2.PdfDocument(io.BytesIO(made)) as document:
        return [document[index].get_textpage().get_text_range() for index in range(len(document))]


@pytest.mark.parametrize("lang", Lang)
@pytest.mark.parametrize("name", GUIDES)
def test_a_guide_is_shown_whole_and_prints(browser: Browser, shots: Path, name: str, lang: Lang) -> None:
    cases = [file.read_bytes() for file in sorted(CASES.glob(f"{name}*.json"))]
    html = pages.render("guide", "review.html", lang, review=review(pack(name), lang, cases))
    with opened(browser, html, shots / f"{name}-{lang}.png") as page:
        for prefix, names in (("rule-", pack(name).rules), ("clause-", pack(name).clauses)):
            assert page.get(f"{_MISSING}({json.dumps(prefix)}, {json.dumps(list(names))})") == []
        assert pack(name).version in page.get(_TEXT)
        assert (
            page.get("getComputedStyle(document.querySelector('.pair')).display") == "grid"
        )  # its style counts
        assert page.get(_WIDER) == 0
        paper = printed(page, shots / f"{name}-{lang}.pdf")
        assert len(paper) > 10
        whole = "".join("".join(paper).split())
        assert [rule for rule in pack(name).rules if rule not in whole] == []
        assert all(one.strip() for one in paper)


@pytest.mark.parametrize("name", GUIDES)
def test_a_guide_fits_a_phone(browser: Browser, shots: Path, name: str) -> None:
    html = pages.render("guide", "review.html", "zh", review=review(pack(name), Lang.zh))
    with opened(browser, html, shots / f"{name}-phone.png") as page:
        page.call(
            "Emulation.setDeviceMetricsOverride", width=360, height=800, deviceScaleFactor=1, mobile=False
        )
        page.until("innerWidth === 360")
        assert page.get(_WIDER) == 0


def test_a_comparison_is_shown_whole_and_prints(browser: Browser, shots: Path) -> None:
    found = compare(pack("hy-2021"), pack("gl-2019"))  # everything differs
    html = pages.render("guide", "changes.html", "zh", comparison=found)
    with opened(browser, html, shots / "changes.png") as page:
        text = page.get(_TEXT)
        assert [one.id for clause in found.clauses for one in clause.changes if one.id not in text] == []
        assert page.get(_WIDER) == 0
        assert len(printed(page, shots / "changes.pdf")) > 1
        page.call(
            "Emulation.setDeviceMetricsOverride", width=360, height=800, deviceScaleFactor=1, mobile=False
        )
        page.until("innerWidth === 360")
        assert page.get(_WIDER) == 0


def test_a_page_that_asks_for_more_is_caught(browser: Browser, shots: Path) -> None:
    """The proof that the tests above can fail."""
    html = pages.render("guide", "review.html", "zh", review=review(pack("qz-2020"), Lang.zh))
    planted = html.replace(
        "</main>", '<img src="/x.png"><p style="width: 3000px">x</p><script>1</script></main>'
    )
    with served(planted) as base, browser.page() as page:
        page.go(f"{base}/")
        assert len([error for error in page.errors if "Content Security Policy" in error]) >= 3
        assert page.get("document.images[0].naturalWidth") == 0


def test_the_pages_at_the_gateway(house: House, browser: Browser, shots: Path) -> None:
    base = house.gateway_url
    for path in ("/v1/guides/qz-2020/review?lang=en", "/v1/guides/qz-2020/diff?format=html"):
        with browser.page() as page:
            page.go(f"{base}{path}")
            assert page.get("document.querySelector('h1').innerText")
            assert page.foreign(base) == []
            assert [error for error in page.errors if "favicon" not in error] == []
