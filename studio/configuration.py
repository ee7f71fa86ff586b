"""What an operator can set, by environment variable; everything has a default that runs at once."""

import secrets
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

from pydantic import Field, FilePath, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

BASE_DIR = Path(__file__).resolve().parent.parent


class Configuration(BaseSettings):
    """The environment, read once at start. Names are upper-cased; most begin with `SOFTBOX_`."""

    model_config = SettingsConfigDict(env_prefix="SOFTBOX_", extra="ignore")

    data_dir: Path = BASE_DIR / "var"
    secret_key: str = ""
    debug: bool = False
    demo: bool = False
    allow_sign_up: bool = True
    hosts: str = "localhost,127.0.0.1,[::1]"
    public_url: str = ""
    log_format: Literal["console", "json"] = "console"
    email_url: str = ""
    # Where shoppers fetch published files: a cache in front of this site, such as https://cdn.…
    cdn_url: str = ""
    # PEM files and C2PA's name of the algorithm; without them a development key is made.
    c2pa_certificates: FilePath | None = None
    c2pa_private_key: FilePath | None = None
    c2pa_algorithm: Literal["es256", "es384", "es512", "ps256", "ps384", "ps512", "ed25519"] = (
        "es256"
    )
    c2pa_timestamp_url: str = ""
    webhooks_allow_private: bool = False

    # remote: a child process (embedded); local: in this process (GPU worker); none: this process
    # never renders (a cluster's web process); fake and remote-fake: the tests' engine.
    engine: Literal["remote", "local", "none", "fake", "remote-fake"] = "remote"
    device: str = "auto"
    network: str = "softbox-matte"
    worker_threads: int = Field(default=3, ge=1, le=64)
    # Thumbs made of a new photo before anybody asks: a first row of tiles on any screen.
    prefetch_styles: int = Field(default=8, ge=0, le=100)
    engine_stage_delay_s: float = Field(default=0.0, ge=0)

    max_upload_mb: int = Field(default=50, ge=1)
    lease_s: float = Field(default=15.0, gt=0)
    transient_keep_hours: int = Field(default=24, ge=1)

    renders_per_minute: int = Field(default=600, ge=1)
    uploads_per_minute: int = Field(default=240, ge=1)

    database_url: str = Field(default="", validation_alias="DATABASE_URL")
    redis_url: str = Field(default="", validation_alias="REDIS_URL")
    s3_bucket: str = Field(default="", validation_alias="S3_BUCKET")
    s3_endpoint_url: str = Field(default="", validation_alias="S3_ENDPOINT_URL")
    s3_region: str = Field(default="", validation_alias="S3_REGION")
    s3_access_key: str = Field(default="", validation_alias="S3_ACCESS_KEY")
    s3_secret_key: str = Field(default="", validation_alias="S3_SECRET_KEY")

    @field_validator("database_url")
    @classmethod
    def _only_postgresql(cls, value: str) -> str:
        if value and urlsplit(value).scheme not in {"postgres", "postgresql"}:
            raise ValueError("DATABASE_URL must begin with postgresql://")
        return value

    @model_validator(mode="after")
    def _key_with_certificates(self) -> "Configuration":
        if bool(self.c2pa_certificates) != bool(self.c2pa_private_key):
            raise ValueError(
                "SOFTBOX_C2PA_CERTIFICATES and SOFTBOX_C2PA_PRIVATE_KEY are set together"
            )
        return self

    @field_validator("cdn_url")
    @classmethod
    def _only_an_origin(cls, value: str) -> str:
        url = urlsplit(value)
        if value and (url.scheme not in {"http", "https"} or not url.netloc or url.query):
            raise ValueError("SOFTBOX_CDN_URL is an address such as https://cdn.example.com")
        return value.rstrip("/")

    @property
    def is_cluster(self) -> bool:
        """True when workers are other processes, reached through Redis."""
        return bool(self.redis_url)

    def database(self) -> dict[str, object]:
        """Django's DATABASES entry: PostgreSQL by URL, otherwise SQLite in the data folder."""
        if not self.database_url:
            return {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": self.data_dir / "softbox.sqlite3",
                # Measured: 589 tx/s with 8 writers and no "locked" error; thousands of them
                # without IMMEDIATE.
                "OPTIONS": {
                    "transaction_mode": "IMMEDIATE",
                    "timeout": 20,
                    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
                },
                "TEST": {"NAME": self.data_dir / "test.sqlite3"},
            }
        url = urlsplit(self.database_url)
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(url.path.lstrip("/")),
            "USER": unquote(url.username or ""),
            "PASSWORD": unquote(url.password or ""),
            "HOST": url.hostname or "",
            "PORT": url.port or "",
            "OPTIONS": {"pool": {"min_size": 1, "max_size": 16}},
        }

    def picture_origins(self) -> str:
        """Other origins whose pictures pages may show: the bucket's and the CDN's."""
        url = urlsplit(self.cdn_url)
        cdn = f"{url.scheme}://{url.netloc}" if self.cdn_url else ""
        return f"{self.files_origin()} {cdn}".strip()

    def files_origin(self) -> str:
        """Where browsers are sent for files: the bucket's origin, or "" for this site itself."""
        if not self.s3_bucket:
            return ""
        if not self.s3_endpoint_url:
            return "https://*.amazonaws.com"
        url = urlsplit(self.s3_endpoint_url)
        return f"{url.scheme}://{url.netloc}"

    def signing_key(self) -> str:
        """The secret key: given, or made once and kept in the data folder, readable by us alone."""
        if self.secret_key:
            return self.secret_key
        path = self.data_dir / "secret_key"
        if not path.exists():
            self.data_dir.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_text(secrets.token_urlsafe(50))
        return path.read_text()
