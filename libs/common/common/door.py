"""The door of a service: nobody without a token gets as far as a route, a body or an answer's words.

FastAPI reads and parses a body before it asks a route's dependencies who is calling; a stranger could make a
service read a megabyte, and tell by the answers which paths there are.
"""

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from common.auth import actor_of

OPEN = frozenset({"/healthz", "/readyz", "/metrics", "/docs", "/openapi.json"})
"""For the operator's machines and for developers; they hold no rows."""
_PAGES = ("/docs/", "/static-offline-docs/")


class Door:
    """Middleware: a service token is verified before anything else is looked at.

    Raises:
        Unauthenticated: no token, or one that does not hold.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] not in OPEN and not scope["path"].startswith(_PAGES):
            actor_of(Request(scope))  # kept in the request's state for the route's own check
        await self._app(scope, receive, send)
