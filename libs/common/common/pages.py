"""Printable pages: HTML from a template, without script and without anything from another host.

Offices are on closed networks, and what is printed is kept for years: a page carries its style itself, and
its Content-Security-Policy lets the browser load nothing.
"""

import hashlib
from base64 import b64encode
from functools import cache
from importlib.resources import files
from typing import Any, Final

from fastapi.responses import HTMLResponse
from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

STYLE: Final = files("common").joinpath("templates/page.css").read_text(encoding="utf-8")
_STYLE_HASH: Final = b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS: Final = {
    "content-security-policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "referrer-policy": "no-referrer",
}


@cache
def environment(package: str) -> Environment:
    """The templates of a package (`<package>/templates`), over the common ones; every value is escaped.

    A name that a template uses and nobody gives raises `jinja2.UndefinedError`.
    """
    return Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader("common")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(package: str, template: str, lang: str, **values: Any) -> str:
    """A page's HTML. Templates extend `page.html` and fill its blocks `title` and `content`."""
    # the style is the file beside `page.html`: nothing of it comes from a request
    style = Markup(STYLE)  # noqa: S704
    return environment(package).get_template(template).render(lang=lang, style=style, **values)


def page(package: str, template: str, lang: str, **values: Any) -> HTMLResponse:
    """The same as an answer, with the headers that forbid the browser everything else."""
    return HTMLResponse(render(package, template, lang, **values), headers=HEADERS)
