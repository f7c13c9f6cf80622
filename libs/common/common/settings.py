"""Settings that every service has. Values come from the environment, prefixed by the service's name."""

from pathlib import Path
from typing import ClassVar, Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

SERVICES = ("intake", "eligibility", "quota", "documents", "gateway")


def _plain(url: SecretStr) -> str:
    return url.get_secret_value().replace("postgresql+asyncpg://", "postgresql://")


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
    database_url_direct: SecretStr | None = Field(
        default=None,
        description="straight to Postgres, for jobs and migrations, where database_url leads to a PgBouncer",
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
    max_connections: int = Field(default=100, ge=1, description="to each of the services that this one calls")
    breaker_failures: int = Field(
        default=5, ge=1, description="calls to a service that fail in a row until no more are tried"
    )
    breaker_window_s: float = Field(default=30.0, gt=0, description="time within which they fail")
    breaker_pause_s: float = Field(
        default=1.0, gt=0, description="then, about this long until one call probes"
    )

    clock_file: Path | None = Field(default=None, description="moves the business clock; never in production")
    fault_dir: Path | None = Field(
        default=None, description="files in it stop processes at named places; never in production"
    )
    worker: Literal["on", "off", "only"] = Field(
        default="on", description="run jobs beside the API, not at all, or nothing but jobs"
    )
    instance: str | None = Field(
        default=None, description="named in /readyz, so that whoever started this process knows its own"
    )
    max_body_bytes: int = Field(
        default=1_048_576, ge=1, description="of a JSON body; files have limits of their own"
    )
    request_timeout_s: float = Field(default=30.0, gt=0, description="from its turn on; then 408")
    max_concurrent_requests: int = Field(
        default=64, ge=1, description="served at the same time by one process; more wait for their turn"
    )
    max_waiting_requests: int = Field(default=3000, ge=0, description="waiting at one process; more get 503")
    max_concurrent_streams: int = Field(
        default=200, ge=1, description="up- and downloads at the same time, counted apart; more get 503"
    )
    drain_s: float = Field(
        default=5.0, ge=0, description="after SIGTERM, not ready but still serving, so that balancers notice"
    )
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["json", "console"] = "json"

    otlp_endpoint: str | None = Field(
        default=None,
        pattern="^https?://",
        description="OTLP/HTTP collector that gets traces, e.g. http://collector:4318; none: no traces",
    )
    otlp_headers: dict[str, SecretStr] = Field(
        default={}, description="JSON object of headers for the collector, its key for example"
    )
    otlp_ratio: float = Field(
        default=1.0,
        ge=0,
        le=1,
        description="share of traces sent; the same in all services, or traces have holes",
    )
    idempotency_keep_h: float = Field(
        default=72.0, ge=1, description="hours until an idempotency key and its answer are deleted"
    )
    job_log_keep_h: float = Field(default=168.0, ge=1, description="hours that the queue's log is kept")

    @model_validator(mode="after")
    def _production_is_strict(self) -> Self:
        if self.environment == "production" and self.clock_file is not None:
            raise ValueError("clock_file moves the business clock and is refused in production")
        if self.environment == "production" and self.fault_dir is not None:
            raise ValueError("fault_dir stops processes and is refused in production")
        return self

    def database_dsn(self) -> str:
        """The service's own DSN, as drivers take it.

        Raises:
            ValueError: the service has no database.
        """
        if self.database_url is None:
            raise ValueError(f"{self.service} needs a database_url")
        return _plain(self.database_url)

    def direct_dsn(self) -> str:
        """The DSN for what needs a session of its own: LISTEN, migrations.

        Raises:
            ValueError: the service has no database.
        """
        if self.database_url_direct is None:
            return self.database_dsn()
        return _plain(self.database_url_direct)

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
