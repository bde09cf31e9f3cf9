"""Requests to addresses that people gave: to public machines alone, once, under limits."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from pydantic import ValidationError

from crm.foundation.errors import Invalid
from crm.foundation.settings import Settings
from crm.platform import outbound
from crm.platform.outbound import NotReached
from tests.platform.fake_http import Answer, Web, serving


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    """In a network of one's own."""
    monkeypatch.setenv("CRM_OUTBOUND_NETWORKS", "127.0.0.0/8, ::1/128")
    with serving() as found:
        yield found


def test_what_is_found_is_handed_over(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    web.answer = Answer(b"Date,USD\n")
    assert outbound.get(web.url("/a?b=c", "localhost"), most_bytes=100) == b"Date,USD\n"
    [(path, headers)] = web.asked
    assert (path, headers["host"], headers["accept-encoding"]) == ("/a?b=c", f"localhost:{web.port}", "identity")


def certificate(folder: Path, name: str) -> Path:
    """A file of a certificate for a name, signed by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    called = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder(called, called, key.public_key(), x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    path.write_bytes(
        made.public_bytes(Encoding.PEM) + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    return path


@pytest.mark.parametrize(("name", "reached"), [("localhost", True), ("other.example", False)])
def test_a_certificate_has_to_be_of_the_name_that_was_given_though_its_address_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, reached: bool
) -> None:
    path = certificate(tmp_path, name)
    monkeypatch.setenv("CRM_OUTBOUND_NETWORKS", "127.0.0.0/8, ::1/128")
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    with serving(path) as web:
        web.answer = Answer(b"found")
        url = web.url(host="localhost", scheme="https")
        if reached:
            assert outbound.get(url, most_bytes=100) == b"found"
        else:
            with pytest.raises(NotReached, match="certificate"):
                outbound.get(url, most_bytes=100)
    assert len(web.asked) == reached


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(status=302, headers={"Location": "http://169.254.169.254/"}), "a redirect to http://169.254.169.254/"),
        (Answer(status=500), "status 500"),
        (Answer(b"x" * 101), "larger than"),
        (Answer(b"x", headers={"Content-Encoding": "gzip"}), "an encoding that was not asked for"),
    ],
)
def test_another_answer_is_none(web: Web, answer: Answer, said: str) -> None:
    web.answer = answer
    with pytest.raises(NotReached, match=said):
        outbound.get(web.url(), most_bytes=100)
    assert len(web.asked) == 1


def test_a_server_that_sends_a_byte_now_and_then_is_given_up(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        for _ in range(50):
            handler.wfile.write(b"x")
            handler.wfile.flush()
            time.sleep(0.02)

    monkeypatch.setattr(outbound, "SECONDS", 0.1)
    web.answer = Answer(write=drip)
    with pytest.raises(NotReached, match="took longer"):
        outbound.get(web.url(), most_bytes=100)


def test_nothing_private_is_asked_unless_its_network_is_named(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CRM_OUTBOUND_NETWORKS")
    for host in ("127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"):
        with pytest.raises(NotReached, match="private network"):
            outbound.get(web.url(host=host), most_bytes=100)
    assert web.asked == []
    with pytest.raises(NotReached, match="https:// alone"):
        outbound.get("http://8.8.8.8/rates.csv", most_bytes=100)
    with pytest.raises(NotReached, match="no host called"):
        outbound.get("https://nowhere.invalid/", most_bytes=100)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True), ("2606:4700::1111", True), ("10.0.0.1", False), ("100.64.0.1", False), ("0.0.0.0", False),  # noqa: S104
        ("169.254.169.254", False), ("224.0.0.1", False), ("255.255.255.255", False), ("fe80::1", False),
        ("fec0::1", False), ("fd00::1", False), ("ff02::1", False), ("::ffff:8.8.8.8", False),
        ("64:ff9b::a00:1", False), ("64:ff9b:1::1", False), ("2002:a00:1::", False), ("2001:0:a00:1::", False),
    ],
)  # fmt: skip
def test_an_address_is_public_unless_it_is_private_or_another_in_disguise(address: str, public: bool) -> None:
    assert outbound.is_public(ip_address(address)) == public


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.com/rates.csv",
        "ftp://example.com/",
        "https://",
        "https://x:y@example.com/",
        "http://[::1",
        "https://x.example/" + "a" * 500,
    ],
)
def test_what_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(Invalid, match="address"):
        outbound.checked(url)


def test_a_setting_that_names_no_network_is_refused_at_the_start() -> None:
    with pytest.raises(ValidationError, match=r"10\.0\.0\.0/99"):
        Settings(outbound_networks="10.0.0.0/99")
