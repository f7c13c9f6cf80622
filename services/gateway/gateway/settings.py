"""Settings of the gateway, from the environment with the prefix `GATEWAY_`."""

import json
from pathlib import Path
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from common.settings import CommonSettings

_PRIVATE_MEMBERS = {"d", "p", "q", "dp", "dq", "qi", "k", "oth"}


class Issuer(BaseModel):
    """An identity provider whose access tokens (RFC 9068) are accepted.

    Attributes:
        audience: what `aud` must contain.
        jwks: its public keys, or
        jwks_url: where it publishes them.
        development: the local runner's issuer; refused in production.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer: str = Field(min_length=1)
    audience: str = Field(min_length=1)
    jwks: dict[str, Any] | None = None
    jwks_url: str | None = None
    development: bool = False

    @field_validator("issuer")
    @classmethod
    def _without_at(cls, value: str) -> str:
        if "@" in value:
            raise ValueError("an issuer has no @: it separates the subject from the issuer")
        return value

    @model_validator(mode="after")
    def _one_source_of_keys(self) -> Self:
        if (self.jwks is None) == (self.jwks_url is None):
            raise ValueError("an issuer has either jwks or jwks_url")
        return self


class Settings(CommonSettings):
    """What the gateway needs beside the common settings."""

    service: ClassVar[str] = "gateway"
    model_config = SettingsConfigDict(env_prefix="GATEWAY_", extra="ignore", frozen=True)

    issuers: list[Issuer] = Field(default=[], description="JSON list of identity providers")
    public_cities: list[str] = Field(
        default=[], description="GB/T 2260 codes whose public rows a visitor without membership sees"
    )
    public_url: str | None = Field(default=None, description="how the world calls this gateway; for RFC 9728")
    cors_origins: list[str] = Field(default=[], description="JSON list of origins of front ends")
    introspection: bool | None = Field(
        default=None, description="schema introspection and suggestions; None: in development only"
    )
    ide: bool | None = Field(default=None, description="the IDE on GET /graphql; None: in development only")
    ide_folder: Path = Field(
        default=Path(".tools/node_modules/altair-static/build/dist"),
        description="where the npm package altair-static was installed",
    )
    max_concurrent_requests: int = Field(
        default=32, ge=1, description="so few that intake answers each before its caller gives up"
    )
    feed_jwks: str = Field(default='{"keys": []}', description="JWKS (JSON) with the feed's public keys")

    max_depth: int = Field(default=16, ge=1)
    max_aliases: int = Field(default=30, ge=0)
    max_tokens: int = Field(default=3000, ge=10)
    max_cost: int = Field(default=30_000, ge=1)
    rate_per_second: float = Field(default=50, gt=0, description="requests per subject or address")
    rate_burst: int = Field(default=200, ge=1, description="requests that may come at once")
    membership_cache_s: int = Field(
        default=30,
        ge=0,
        le=30,
        description="how long memberships are remembered; what is revoked ends with it",
    )

    @field_validator("feed_jwks")
    @classmethod
    def _public_keys_only(cls, value: str) -> str:
        for key in json.loads(value)["keys"]:
            if _PRIVATE_MEMBERS & key.keys():
                raise ValueError("feed_jwks is published and must not hold a private key")
        return value

    @model_validator(mode="after")
    def _issuers_fit(self) -> Self:
        names = [issuer.issuer for issuer in self.issuers]
        if len(set(names)) != len(names):
            raise ValueError("an issuer is named twice")
        if self.environment == "production":
            for issuer in self.issuers:
                if issuer.development:
                    raise ValueError(f"{issuer.issuer} is a development issuer and is refused in production")
                if issuer.jwks_url is not None and not issuer.jwks_url.startswith("https://"):
                    raise ValueError(f"the keys of {issuer.issuer} must be fetched over https")
        return self

    @property
    def shows_introspection(self) -> bool:
        """Introspection and "did you mean" are on."""
        return self.environment == "development" if self.introspection is None else self.introspection

    @property
    def shows_ide(self) -> bool:
        """The IDE is on."""
        return self.environment == "development" if self.ide is None else self.ide
