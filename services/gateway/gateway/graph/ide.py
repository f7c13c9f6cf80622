"""The GraphQL IDE of development: Altair, from the npm package `altair-static` where it was installed.

Nothing of it is kept in this repository and nothing is loaded from other hosts: the page's own
Content-Security-Policy forbids it to the browser.
"""

import json
import mimetypes
import secrets
from html import escape
from pathlib import Path

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import FileResponse, HTMLResponse

from common.auth import unauthenticated
from common.errors import NotFound
from gateway.settings import Settings

PACKAGE = "altair-static@8.5.9"
ASSETS = "/graphql/ide/"
FIRST_QUERY = """# 申报通知与类别，无须登录 / calls and their categories; no token is needed for these
# 登录后 / signed in: make token ROLE=officer, then Headers > Authorization: Bearer <token>
{
  serverTime { business }
  calls { nodes { key title { zh en } state closeAt categories { key name { zh } selectable } } }
}
"""

router = APIRouter(tags=["graphql"])


def _policy(nonce: str) -> str:
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' 'nonce-{nonce}'",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "worker-src 'self' blob:",
            "frame-src 'self'",
            "base-uri 'self'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )


def page(settings: Settings) -> Response:
    """The IDE, or how to install it."""
    nonce = secrets.token_urlsafe(16)
    headers = {"content-security-policy": _policy(nonce), "cache-control": "no-store"}
    try:
        found = (settings.ide_folder / "index.html").read_text(encoding="utf-8")
    except OSError:
        return HTMLResponse(_absent(), headers=headers)
    options = json.dumps(
        {
            "endpointURL": "/graphql",
            "initialQuery": FIRST_QUERY,
            "disableAccount": True,
        }
    ).replace("<", "\\u003c")
    # a module, so that it runs after the package's own, which are modules too
    start = f'<script type="module" nonce="{nonce}">AltairGraphQL.init({options});</script>'
    text = found.replace('<base href="/" />', f'<base href="{ASSETS}" />').replace(
        "</body>", f"{start}</body>"
    )
    return HTMLResponse(text, headers=headers)


def _absent() -> str:
    command = f"npm install --prefix .tools --ignore-scripts --no-save {PACKAGE}"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>GraphQL</title></head><body>'
        "<h1>GraphQL</h1>"
        "<p>接口已就绪：以 POST 将 JSON 发至 /graphql。交互页面尚未安装。</p>"
        "<p>The endpoint is ready: POST JSON to /graphql. "
        "The interactive page is not installed. With npm:</p>"
        f"<pre>{escape(command)}</pre>"
        "<p>or set GATEWAY_IDE_FOLDER to the folder build/dist of an unpacked altair-static package. "
        "The schema stands in services/gateway/schema.graphql.</p></body></html>"
    )


@router.get("/graphql/ide/{path:path}", include_in_schema=False, dependencies=[Depends(unauthenticated)])
def asset(path: str, request: Request) -> Response:
    """A file of the installed package.

    Raises:
        NotFound: the IDE is off, or there is no such file inside the package.
    """
    settings: Settings = request.app.state.settings
    folder = settings.ide_folder.resolve()
    file = Path(folder, path).resolve()
    if not settings.shows_ide or not file.is_relative_to(folder) or not file.is_file():
        raise NotFound
    kind = "text/javascript" if file.suffix == ".js" else mimetypes.guess_type(file.name)[0]
    headers = {"cache-control": "max-age=3600"}
    if "iframe-sandbox" in Path(path).parts:
        headers["content-security-policy"] = "sandbox allow-scripts"
    return FileResponse(file, media_type=kind, headers=headers)
