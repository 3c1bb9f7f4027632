"""Every setting, read once from `SAFERLHF_REVIEW_*` variables and `.env`."""

import difflib
import os
import re
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import platformdirs
from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.errors import InvalidInput

PREFIX = "SAFERLHF_REVIEW_"
_HOST_AND_PORT = re.compile(r"([A-Za-z0-9.-]+|\[[0-9a-fA-F:.]+\])(:[0-9]{1,5})?")


def _default_data_dir() -> Path:
    return platformdirs.user_data_path("saferlhf-review", appauthor=False)


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=".env", frozen=True, extra="ignore")

    data_dir: Path = Field(default_factory=_default_data_dir, description="folder of the database and its backups")
    database_url: str = Field(default="", description="database; default `sqlite:///DATA_DIR/review.db`")
    allowed_hosts: str = Field(
        default="localhost,127.0.0.1,[::1]", description="`Host` headers that are answered, comma-separated"
    )
    public_url: str = Field(
        default="",
        description="address under which people reach it, such as `https://review.example.org`; links use it",
    )
    trusted_proxies: str = Field(
        default="",
        description="addresses or networks whose `X-Forwarded-For` and `-Proto` are believed, comma-separated",
    )
    secret_key: SecretStr | None = Field(
        default=None, description="signs short-lived cookies; default a file made at first start, `DATA_DIR/secret.key`"
    )
    secret_key_file: Path | None = Field(default=None, description="file that holds the secret key")
    sign_in_idle_hours: int = Field(default=12, ge=1, le=24 * 30, description="a sign-in unused for so long has ended")
    sign_in_days: int = Field(default=7, ge=1, le=90, description="a sign-in ends after so many days")
    sso_default_role: Literal["", "viewer", "reviewer", "lead", "admin"] = Field(
        default="", description="role of who first comes by single sign-on; empty: only whom an admin added"
    )
    oidc_issuer: str = Field(default="", description="address of the OpenID provider; turns single sign-on on")
    oidc_client_id: str = Field(default="", description="our id at the provider")
    oidc_client_secret: SecretStr | None = Field(default=None, description="our secret at the provider")
    oidc_client_secret_file: Path | None = Field(default=None, description="file that holds that secret")
    oidc_role_claim: str = Field(default="", description="claim that holds the role; empty: the default role")
    oidc_label: str = Field(default="Single sign-on", description="what the button to sign in with it says")
    proxy_user_header: str = Field(
        default="", description="header in which a trusted proxy names who is signed in; empty: none is believed"
    )
    import_dir: Path | None = Field(
        default=None, description="folder whose files may be imported from the browser; default `DATA_DIR/imports`"
    )
    max_upload_mb: int = Field(default=2048, ge=1, description="largest file that may be uploaded, in MiB")
    max_unpacked_gb: int = Field(default=64, ge=1, description="most that an import may read after unpacking, in GiB")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="how much is logged to stderr"
    )
    log_format: Literal["text", "json"] = Field(default="text", description="shape of a log line")

    @property
    def database_path(self) -> Path:
        """The SQLite file."""
        if not self.database_url:
            return self.data_dir / "review.db"
        return Path(self.database_url.removeprefix("sqlite:///"))

    @property
    def backups_dir(self) -> Path:
        return self.database_path.parent / "backups"

    @property
    def importable_dir(self) -> Path:
        return self.import_dir or self.data_dir / "imports"

    @property
    def uploads_dir(self) -> Path:
        return self.data_dir / "uploads"

    @property
    def max_upload_bytes(self) -> int:
        return self.max_upload_mb * 1024 * 1024

    @field_validator("public_url")
    @classmethod
    def _is_an_address_of_ours(cls, value: str) -> str:
        if not value:
            return value
        parts = urlsplit(value)
        is_plain = (
            parts.scheme in ("http", "https") and parts.path in ("", "/") and _HOST_AND_PORT.fullmatch(parts.netloc)
        )
        if not is_plain or parts.query or parts.fragment or parts.port == 0:
            raise ValueError("must be http:// or https:// and a host, with no path, such as https://review.example.org")
        return value.rstrip("/")

    @field_validator("oidc_issuer")
    @classmethod
    def _is_an_issuer(cls, value: str) -> str:
        parts = urlsplit(value)
        is_plain = parts.scheme in ("http", "https") and parts.hostname and not (parts.query or parts.fragment)
        if value and not (is_plain and is_confidential(value)):
            raise ValueError("must be an https:// address with no query; http:// only for a provider on this machine")
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, value: str) -> str:
        for network in filter(None, map(str.strip, value.split(","))):
            if network != "*":
                _network(network)
        return value

    @property
    def is_https(self) -> bool:
        return self.public_url.startswith("https:")

    def link(self, path: str) -> str:
        """An absolute address for a person to open, wherever the request came from."""
        return (self.public_url or "http://127.0.0.1:8000") + path

    @property
    def hosts(self) -> list[str]:
        """Whose names are answered to; that of the public address always is."""
        allowed = [host.strip().lower() for host in self.allowed_hosts.split(",") if host.strip()]
        public = urlsplit(self.public_url).hostname
        return [*allowed, f"[{public}]" if ":" in public else public] if public else allowed

    @property
    def proxies(self) -> list[str]:
        return [proxy.strip() for proxy in self.trusted_proxies.split(",") if proxy.strip()]


def is_confidential(url: str) -> bool:
    """What is sent there can be read on the way by nobody."""
    parts = urlsplit(url)
    if parts.scheme == "https" or parts.hostname == "localhost":
        return True
    try:
        return ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False


def _network(text: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(text)
    except ValueError:
        raise ValueError("must be addresses or networks, such as 127.0.0.1,10.0.0.0/8") from None


def setting_names() -> list[str]:
    return [PREFIX + name.upper() for name in Settings.model_fields]


def _refuse_unknown_names() -> None:
    known = setting_names()
    given = {name for name in (*os.environ, *dotenv_values(".env")) if name.upper().startswith(PREFIX)}
    for name in sorted(given):
        if name.upper() not in known:
            nearest = difflib.get_close_matches(name.upper(), known, n=1, cutoff=0.0)[0]
            raise InvalidInput(f"{name} is not a setting; the nearest one is {nearest}.", field=name)


def load_settings() -> Settings:
    """Raises InvalidInput, naming the variable, for unknown names and unreadable values."""
    _refuse_unknown_names()
    try:
        settings = Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = PREFIX + str(first["loc"][0]).upper()
        raise InvalidInput(f"{name}: {first['msg'].removeprefix('Value error, ')}", field=name) from None
    if settings.database_url and not settings.database_url.startswith("sqlite:///"):
        raise InvalidInput(
            f"{PREFIX}DATABASE_URL must begin with sqlite:/// in this version; PostgreSQL comes in a later one.",
            field=PREFIX + "DATABASE_URL",
        )
    return settings
