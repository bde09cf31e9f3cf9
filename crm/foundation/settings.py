"""Settings of the environment, in one frozen model. `crm settings` lists them."""

from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from crm.foundation.language import later
from crm.foundation.programs import ENDINGS
from crm.foundation.tables.model import DEFAULT_LIMITS

ROOT = Path(__file__).resolve().parents[2]


class Settings(BaseSettings):
    """Environment variables `CRM_…`, and the file that `CRM_SECRETS_FILE` names (same names, KEY=value)."""

    model_config = SettingsConfigDict(env_prefix="CRM_", frozen=True, extra="ignore")

    store: Path = Field(ROOT / "data" / "store", description=later("Folder of the store: database, uploads, backups."))
    address: str = Field("127.0.0.1", description=later("Address to listen on."))
    port: int = Field(8501, description=later("Port to listen on; 0 lets the system choose."))
    base_url: str | None = Field(
        None, description=later("Public address of the product, for links in mail and webhooks.")
    )
    behind_proxy: bool = Field(False, description=later("A proxy in front ends TLS and sets X-Forwarded-Proto."))
    tls_certificate: Path | None = Field(
        None, description=later("File of the TLS certificate chain, to serve HTTPS here.")
    )
    tls_key: Path | None = Field(None, description=later("File of the TLS certificate's private key."))
    upload_limit_mb: int = Field(2048, description=later("Largest file that may be uploaded, in MiB."))
    attachment_limit_mb: int = Field(25, description=later("Largest file that may be put beside a record, in MiB."))
    reading_memory_mb: int = Field(
        4096, gt=0, description=later("Memory that reading one file of an import may take, in MiB; it is read apart.")
    )
    reading_seconds: int = Field(
        300, gt=0, description=later("Seconds that it may take, as they pass and of processor time.")
    )
    import_cells: int = Field(DEFAULT_LIMITS.cells, gt=0, description=later("Rows times columns of a CSV file."))
    workbook_cells: int = Field(
        DEFAULT_LIMITS.workbook_cells, gt=0, description=later("Rows times columns of a sheet, up to its last cell.")
    )
    workbook_text_mb: int = Field(
        DEFAULT_LIMITS.text // 2**20,
        gt=0,
        description=later("Text of a sheet, counted in each cell that shows it, in MiB."),
    )
    workbook_unpacked_mb: int = Field(
        DEFAULT_LIMITS.unpacked // 2**20, gt=0, description=later("What a workbook unpacks to, in MiB.")
    )
    read_limit_seconds: float = Field(
        10,
        gt=0,
        description=later(
            "Seconds that one question of a page or a request may take; exports and imports are not limited."
        ),
    )
    sql_seconds: float = Field(30, ge=1, le=600, description=later("Seconds that a query of the SQL page may take."))
    sql_memory_mb: int = Field(
        512, ge=128, le=16_384, description=later("Memory that it may take beside the rows that it reads, in MiB.")
    )
    sql_rows: int = Field(100_000, ge=1, le=1_000_000, description=later("Most rows of its result."))
    sql_output_mb: int = Field(32, ge=1, le=1_024, description=later("Largest result, in MiB."))
    sql_read_mb: int = Field(1_024, ge=16, le=65_536, description=later("Rows that one query may read, in MiB."))
    sql_at_once: int = Field(2, ge=1, le=16, description=later("Queries that one person may run at once."))
    sql_in_all: int = Field(4, ge=1, le=64, description=later("Queries that everybody together may run at once."))
    connections: int = Field(700, gt=0, description=later("Most connections in all; an open page takes up to three."))
    connections_per_address: int = Field(
        200,
        gt=0,
        description=later("Most connections of one network address; behind a proxy, which limits its own, unused."),
    )
    refused_endings: str = Field(
        ENDINGS, description=later("Endings of file names that are not taken in, parted by blanks; empty takes in all.")
    )
    picture_megapixels: int = Field(
        50, gt=0, description=later("Largest picture that is shown, in millions of pixels.")
    )
    picture_seconds: int = Field(20, gt=0, description=later("Seconds that making a picture small may take."))
    outbound_networks: str = Field(
        "",
        description=later(
            "Private networks that the product may ask at addresses people gave, such as 10.1.0.0/16, parted by blanks."
        ),
    )
    smtp_url: str | None = Field(
        None,
        description=later("Mail server, such as smtps://user:password@mail.example.com; without one no mail is sent."),
    )
    mail_from: str = Field("mallard@localhost", description=later("Sender of the product's mail."))
    oidc_issuer: str | None = Field(None, description=later("OpenID Connect: the issuer's address."))
    oidc_client_id: str | None = Field(None, description=later("OpenID Connect: this client's id."))
    oidc_client_secret: str | None = Field(None, description=later("OpenID Connect: this client's secret."))
    oidc_second_factor: bool = Field(
        False,
        description=later("Ask for our second factor after OpenID Connect, too; else the provider's own is trusted."),
    )

    @field_validator("outbound_networks")
    @classmethod
    def _are_networks(cls, text: str) -> str:
        for network in text.replace(",", " ").split():
            ip_network(network)  # its ValueError says what is wrong
        return text

    @property
    def networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """The private networks that may be asked."""
        return tuple(ip_network(text) for text in self.outbound_networks.replace(",", " ").split())

    @property
    def refuses(self) -> frozenset[str]:
        """The refused endings of file names, in lower case and without a dot."""
        return frozenset(word.casefold().lstrip(".") for word in self.refused_endings.replace(",", " ").split())

    @property
    def encrypted(self) -> bool:
        """Whether people reach the product by HTTPS."""
        return self.behind_proxy or self.tls_certificate is not None

    @property
    def own_url(self) -> str:
        """The product's address on this machine; others may need `base_url`."""
        scheme = "https" if self.tls_certificate else "http"
        return f"{scheme}://{self.address}:{self.port}"

    @property
    def has_sso(self) -> bool:
        return self.oidc_issuer is not None and self.oidc_client_id is not None

    @property
    def on_loopback(self) -> bool:
        return self.address in ("127.0.0.1", "::1", "localhost")

    @property
    def database(self) -> Path:
        return self.store / "crm.duckdb"


def load() -> Settings:
    """The current settings. An invalid value raises pydantic's ValidationError, which names it."""
    import os  # the secrets file is named by the environment, before the model exists

    secrets = os.environ.get("CRM_SECRETS_FILE")
    return Settings(_env_file=secrets) if secrets else Settings()
