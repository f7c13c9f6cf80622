"""The IDE page and the docs page load nothing from other hosts."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from tests.gateway.conftest import Gateway, Make

INDEX = """<!doctype html><html><head><base href="/" />
<link href="styles.css" rel="stylesheet" /></head>
<body><app-root></app-root><script type="module" src="main.js"></script></body></html>"""
BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


class _References(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.scripts = 0

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.scripts += tag == "script"
        self.found += [value for name, value in attributes if name in ("src", "href") and value]


def references(text: str) -> _References:
    parser = _References()
    parser.feed(text)
    return parser


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A stand-in for the installed npm package."""
    folder = tmp_path / "dist"
    (folder / "iframe-sandbox").mkdir(parents=True)
    (folder / "index.html").write_text(INDEX)
    (folder / "main.js").write_text("export {}")
    (folder / "iframe-sandbox" / "index.html").write_text("<p></p>")
    (tmp_path / "secret.txt").write_text("secret")
    return folder


async def test_the_page_loads_from_this_host_only(make: Make, package: Path) -> None:
    gateway: Gateway = await make(ide=True, ide_folder=package)
    answer = await gateway.http.get("/graphql", headers=BROWSER)
    assert answer.status_code == 200
    page = references(answer.text)
    assert page.found == ["/graphql/ide/", "styles.css", "main.js"]
    policy = answer.headers["content-security-policy"]
    assert not re.search(r"https?:|\*", policy)
    nonce = re.search(r"'nonce-([\w-]+)'", policy)
    assert nonce is not None
    assert f'nonce="{nonce.group(1)}"' in answer.text
    assert '"endpointURL": "/graphql"' in answer.text
    again = await gateway.http.get("/graphql", headers=BROWSER)
    assert again.headers["content-security-policy"] != policy


async def test_its_files_and_nothing_beside_them(make: Make, package: Path) -> None:
    gateway: Gateway = await make(ide=True, ide_folder=package)
    script = await gateway.http.get("/graphql/ide/main.js")
    assert (script.status_code, script.headers["content-type"]) == (200, "text/javascript; charset=utf-8")
    sandbox = await gateway.http.get("/graphql/ide/iframe-sandbox/index.html")
    assert sandbox.headers["content-security-policy"] == "sandbox allow-scripts"
    for path in ("../secret.txt", "%2e%2e/secret.txt", "..%2fsecret.txt", "", "none.js", "//etc/passwd"):
        answer = await gateway.http.get(f"/graphql/ide/{path}")
        assert answer.status_code == 404, path


async def test_without_the_package_the_page_says_how_to_install_it(make: Make, tmp_path: Path) -> None:
    gateway: Gateway = await make(ide=True, ide_folder=tmp_path / "none")
    answer = await gateway.http.get("/graphql", headers=BROWSER)
    assert answer.status_code == 200
    assert "npm install --prefix .tools" in answer.text
    assert references(answer.text).found == []


async def test_it_is_there_in_development_only(make: Make, package: Path) -> None:
    shut: Gateway = await make(ide_folder=package)
    assert (await shut.http.get("/graphql", headers=BROWSER)).status_code == 400
    assert (await shut.http.get("/graphql/ide/main.js")).status_code == 404
    opened: Gateway = await make(environment="development", ide_folder=package)
    assert (await opened.http.get("/graphql", headers=BROWSER)).status_code == 200


async def test_a_query_in_the_address_is_answered_even_to_a_browser(make: Make, package: Path) -> None:
    gateway: Gateway = await make(ide=True, ide_folder=package)
    answer = await gateway.http.get("/graphql", params={"query": "{ __typename }"}, headers=BROWSER)
    assert answer.json() == {"data": {"__typename": "Query"}}


async def test_the_docs_page_loads_from_this_host_only(gateway: Gateway) -> None:
    answer = await gateway.http.get("/docs")
    assert answer.status_code == 200
    assert all(one.startswith("/") for one in references(answer.text).found)
