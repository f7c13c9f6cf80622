"""Printable pages: escaped, self-contained, and closed to everything that is not their own style."""

import hashlib
from base64 import b64encode

import pytest
from jinja2 import ChoiceLoader, DictLoader, UndefinedError

from common import pages

TEMPLATE = """{% extends "page.html" %}
{% block title %}{{ name }}{% endblock %}
{% block content %}{{ name }}{% endblock %}
"""


@pytest.fixture(autouse=True)
def _template(monkeypatch: pytest.MonkeyPatch) -> None:
    known = pages.environment("common")
    own = known.overlay()
    own.loader = ChoiceLoader([DictLoader({"name.html": TEMPLATE}), known.loader or DictLoader({})])
    monkeypatch.setattr(pages, "environment", lambda _: own)


def test_values_are_text() -> None:
    html = pages.render("common", "name.html", "zh", name="<script>alert(1)</script>")
    assert "<script" not in html
    assert html.count("&lt;script&gt;") == 2


def test_the_policy_allows_the_pages_own_style_only() -> None:
    answer = pages.page("common", "name.html", "en", name="a")
    html = bytes(answer.body).decode()
    style = html.partition("<style>")[2].partition("</style>")[0]
    digest = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = answer.headers["content-security-policy"]
    assert f"style-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert '<html lang="en">' in html
    assert "http" not in html


def test_a_name_that_nobody_gives_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        pages.render("common", "name.html", "zh")
