"""Settings that every service has. Values come from the environment, prefixed by the service's name."""

from pathlib import Path
from typing import ClassVar, Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

SERVICES = ("intake", "eligibility", "quota", "documents", "gateway")


class CommonSettings(BaseSettings):
    """One service's settings; a subclass sets `service` and the prefix (`QUOTA_` …).

    The default environment is production, so that nothing meant for development is on by accident.
    """

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    service: ClassVar[str]

    environment: Literal["development", "test", "production"] = Field(
        default="production", description="production refuses everything meant for development"
    )
    database_url: SecretStr | None = Field(
        default=None, description="postgresql://role:password@host:port/database; none for the gateway"
    )
    db_pool_size: int = Field(default=10, ge=1, le=100, description="connections per process")
    statement_timeout_ms: int = Field(default=10_000, ge=100)
    lock_timeout_ms: int = Field(default=5_000, ge=100)
    prepared_statements: bool = Field(
        default=True, description="off behind a PgBouncer older than 1.21 in transaction mode"
    )

    service_key: SecretStr = Field(description="private Ed25519 JWK (JSON) whose kid is the service's name")
    service_jwks: str = Field(description="JWKS (JSON) with the public keys of all callers")

    intake_url: str = "http://127.0.0.1:8001"
    eligibility_url: str = "http://127.0.0.1:8002"
    quota_url: str = "http://127.0.0.1:8003"
    documents_url: str = "http://127.0.0.1:8004"
    call_timeout_s: float = Field(default=2.0, gt=0, description="time for one call to another service")

    clock_file: Path | None = Field(default=None, description="moves the business clock; never in production")
    worker: Literal["on", "off", "only"] = Field(
        default="on", description="run jobs beside the API, not at all, or nothing but jobs"
    )
    instance: str | None = Field(
        default=None, description="named in /readyz, so that whoever started this process knows its own"
    )
    max_body_bytes: int = Field(
        default=1_048_576, ge=1, description="of a JSON body; files have limits of their own"
    )
    request_timeout_s: float = Field(default=30.0, gt=0, description="then 408")
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["json", "console"] = "json"

    @model_validator(mode="after")
    def _production_is_strict(self) -> Self:
        if self.environment == "production" and self.clock_file is not None:
            raise ValueError("clock_file moves the business clock and is refused in production")
        return self

    def database_dsn(self) -> str:
        """The service's own DSN, as drivers take it.

        Raises:
            ValueError: the service has no database.
        """
        if self.database_url is None:
            raise ValueError(f"{self.service} needs a database_url")
        return self.database_url.get_secret_value().replace("postgresql+asyncpg://", "postgresql://")

    def url_of(self, service: str) -> str:
        """Base URL of another service.

        Raises:
            KeyError: there is no such service.
        """
        urls = {
            "intake": self.intake_url,
            "eligibility": self.eligibility_url,
            "quota": self.quota_url,
            "documents": self.documents_url,
        }
        return urls[service]
