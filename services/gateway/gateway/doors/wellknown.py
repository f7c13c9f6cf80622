"""What others need to know of this gateway: whose tokens it takes, with which keys the feed is signed."""

import json
from typing import Any

from fastapi import APIRouter, Depends, Request, Response

from common.auth import unauthenticated
from gateway.access.caller import resource_url
from gateway.settings import Settings

router = APIRouter(prefix="/.well-known", tags=["well-known"], dependencies=[Depends(unauthenticated)])


@router.get("/oauth-protected-resource")
async def protected_resource(request: Request, response: Response) -> dict[str, Any]:
    """Metadata of the protected resource (RFC 9728)."""
    settings: Settings = request.app.state.settings
    response.headers["cache-control"] = "max-age=300"
    return {
        "resource": resource_url(request),
        "authorization_servers": [issuer.issuer for issuer in settings.issuers],
        "bearer_methods_supported": ["header"],
        "resource_name": "科技计划项目申报 / S&T plan projects",
        "resource_name#en": "S&T plan projects",
        "resource_name#zh": "科技计划项目申报",
    }


@router.get("/jwks.json")
async def feed_keys(request: Request, response: Response) -> dict[str, Any]:
    """Public keys that sign the feed's manifests (JWKS)."""
    settings: Settings = request.app.state.settings
    response.headers["cache-control"] = "max-age=300"
    keys: dict[str, Any] = json.loads(settings.feed_jwks)
    return keys
