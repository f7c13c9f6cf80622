"""What the pages for developers refer to, read without a browser: all is there, nothing elsewhere."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import urljoin

import httpx
import pytest
from tests.needs import needs

from cli.house import SERVICES
from cli.local import House

_HTML = {"accept": "text/html"}
_LOADED = {
    "script": "src",
    "link": "href",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "object": "data",
    "embed": "src",
}
_IN_CSS = re.compile(r"""(?:url\(\s*["']?|@import\s+["'])([^"')]+)""")
_IN_JS = re.compile(
    # import "./x.js", import("./x.js"), export … from "./x.js"
    r"""(?:\bfrom|\bimport\s*\(?)\s*["']((?:\.{0,2}/|https?:)[^"']+)["']"""
    # a worker's file
    r"""|new\s+URL\(\s*["']([^"']+)["']\s*,\s*import\.meta\.url"""
)


class _Page(HTMLParser):
    """Collects what a page loads by itself; links that a person may follow do not count."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.base, self.loaded = url, set[str]()
        self._in: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in = tag
        given = {name: value or "" for name, value in attrs}
        if tag == "base":
            self.base = urljoin(self.base, given["href"])
        found = _IN_CSS.findall(given.get("style", ""))
        if given.get(_LOADED.get(tag, "")):
            found.append(given[_LOADED[tag]])
        self.loaded |= {urljoin(self.base, one) for one in found}

    def handle_data(self, data: str) -> None:
        kind = {"style": "text/css", "script": "text/javascript"}.get(self._in or "")
        if kind:
            self.loaded |= set(_references(kind, self.base, data))


def _references(kind: str, url: str, text: str) -> Iterator[str]:
    if kind.startswith("text/html"):
        page = _Page(url)
        page.feed(text)
        yield from page.loaded
    elif kind.startswith("text/css"):
        yield from (urljoin(url, found) for found in _IN_CSS.findall(text))
    elif "javascript" in kind:
        yield from (urljoin(url, one or other) for one, other in _IN_JS.findall(text))


def _walk(http: httpx.Client, url: str) -> dict[str, httpx.Response]:
    """Address -> answer of the page and of all that it refers to, in however many steps."""
    answers: dict[str, httpx.Response] = {}
    waiting = [url]
    while waiting:
        one = waiting.pop().split("#")[0]
        if one in answers or one.startswith("data:"):
            continue
        assert one.startswith(f"{http.base_url}".rstrip("/") + "/"), f"{url} leads to {one}"
        answers[one] = answer = http.get(one)
        assert answer.status_code == httpx.codes.OK, f"{one}: {answer.status_code}"
        waiting += _references(answer.headers["content-type"], one, answer.text)
    return answers


@pytest.mark.parametrize("service", SERVICES)
def test_the_docs_refer_to_nothing_elsewhere(house: House, service: str) -> None:
    base = house.where.url(service)
    with httpx.Client(base_url=base, trust_env=False, headers=_HTML) as http:
        found = _walk(http, f"{base}/docs")
        assert {url.rsplit("/", 1)[1] for url in found} >= {"docs", "swagger-ui-bundle.js", "swagger-ui.css"}


def test_redoc_is_not_offered(house: House) -> None:
    """Its script takes a logo from cdn.redoc.ly, which no reading of references shows."""
    answers = {
        service: httpx.get(
            f"{house.where.url(service)}/redoc",
            headers={"authorization": f"Bearer {house.operator_token(service)}"}
            if service != "gateway"
            else {},
            trust_env=False,
        )
        for service in SERVICES
    }
    assert {service: answer.status_code for service, answer in answers.items()} == dict.fromkeys(
        SERVICES, 404
    )


@needs("graphql-ide")
def test_the_ide_refers_to_nothing_elsewhere(house: House) -> None:
    with httpx.Client(base_url=house.gateway_url, trust_env=False, headers=_HTML) as http:
        found = _walk(http, f"{house.gateway_url}/graphql")
    assert {"main.js", "styles.css"} <= {url.rsplit("/", 1)[1] for url in found}
    policy = found[f"{house.gateway_url}/graphql"].headers["content-security-policy"]
    allowed = {
        word for rule in policy.split(";") for word in rule.split()[1:] if not word.startswith("'nonce-")
    }
    assert allowed <= {"'self'", "'none'", "'unsafe-inline'", "data:", "blob:"}


def test_what_a_page_refers_to_is_found() -> None:
    """The proof that the tests above see what they look for."""
    text = """<base href="/sub/"><script src="https://a.test/x.js"></script><link href=y.css rel=stylesheet>
        <a href="https://fine.test/">a link</a><img alt="no source">
        <style>@import "//b.test/z.css"; p { background: url(p.png) }</style>
        <script type="module">import{a}from"./m.js";import("https://c.test/n.js");
        new Worker(new URL("w.js",import.meta.url)); see("https://fine.test/docs")</script>"""
    found = set(_references("text/html; charset=utf-8", "http://own.test/page", text))
    own = {f"http://own.test/sub/{name}" for name in ("y.css", "p.png", "m.js", "w.js")}
    assert found == own | {"https://a.test/x.js", "http://b.test/z.css", "https://c.test/n.js"}
