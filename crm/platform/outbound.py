"""HTTP requests to other systems, at addresses that people gave: to public networks alone, without redirects, under
limits of size and time.

The name is resolved once and the request goes to what was found: a name that answers otherwise a moment later leads
nowhere else. `CRM_OUTBOUND_NETWORKS` names networks of one's own that may be reached, too.
"""

import socket
import ssl
import time
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

import httpx

from crm.foundation import bounds, settings
from crm.foundation.errors import CrmError, Invalid
from crm.foundation.language import tr

SECONDS = 30
"""For the whole of a request: a server that sends a byte now and then is given up, too."""
SECONDS_TO_CONNECT = 10
LONGEST_URL = 500

TRANSLATED = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
"""NAT64: IPv4 addresses in another coat, as are 6to4 and Teredo."""

Address = IPv4Address | IPv6Address


class NotReached(CrmError):
    """The other system was not asked, or did not answer as it should; the message says why."""


@dataclass(frozen=True)
class Target:
    """An address that may be asked, as far as its text tells."""

    url: httpx.URL
    host: str
    port: int

    @property
    def encrypted(self) -> bool:
        return self.url.scheme == "https"


def checked(url: str, field: str = "url") -> Target:
    """The address in parts. Raises Invalid for what is none, or holds a password."""
    text = url.strip()
    try:
        parts = urlsplit(text)
        found = httpx.URL(text)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except (ValueError, httpx.InvalidURL):
        parts = None
    if parts is None or parts.scheme not in ("https", "http") or not found.host or len(text) > LONGEST_URL:
        raise Invalid(
            tr("“{value}” is no web address. Give one such as https://example.com/rates.csv.", value=bounds.shown(url)),
            field,
        )
    if parts.username or parts.password:
        raise Invalid(tr("An address with a password in it is not kept: everybody who reads it would know it."), field)
    return Target(found, found.raw_host.decode("ascii").strip("[]"), port)


def get(url: str, *, most_bytes: int) -> bytes:
    """What is found at the address. Raises NotReached where that is nothing that may be had, Invalid for a wrong
    address."""
    target = checked(url)
    address = _resolved(target)
    ends = time.monotonic() + SECONDS
    request = httpx.Request(
        "GET",
        target.url.copy_with(host=str(address)),
        headers={"Host": target.url.netloc.decode("ascii"), "User-Agent": "Mallard", "Accept-Encoding": "identity"},
        # The certificate is checked for the name that was given, not for the address.
        extensions={
            "sni_hostname": target.host,
            "timeout": httpx.Timeout(SECONDS, connect=SECONDS_TO_CONNECT).as_dict(),
        },
    )
    # Without the environment: a proxy or a password named there is none of this request's.
    client = httpx.Client(trust_env=False, follow_redirects=False, verify=ssl.create_default_context())
    try:
        with client:
            answer = client.send(request, stream=True)
            try:
                return _content(answer, target.host, most_bytes, ends)
            finally:
                answer.close()
    except httpx.HTTPError as error:
        raise NotReached(
            tr("{host} could not be reached: {error}.", host=target.host, error=str(error) or type(error).__name__)
        ) from error


def _content(answer: httpx.Response, host: str, most_bytes: int, ends: float) -> bytes:
    if answer.is_redirect:
        raise NotReached(
            tr(
                "{host} answered with a redirect to {location}, which is not followed. Give the address it leads to.",
                host=host,
                location=bounds.shown(answer.headers.get("location", "?")),
            )
        )
    if answer.status_code != 200:
        raise NotReached(tr("{host} answered with status {status}.", host=host, status=answer.status_code))
    if answer.headers.get("content-encoding", "identity") != "identity":
        raise NotReached(tr("{host} answered in an encoding that was not asked for.", host=host))
    found = bytearray()
    for piece in answer.iter_raw():
        found += piece
        if len(found) > most_bytes:
            raise NotReached(
                tr("What {host} sends is larger than {limit:,} MiB, the limit here.", host=host, limit=most_bytes >> 20)
            )
        if time.monotonic() > ends:
            raise NotReached(tr("{host} took longer than {seconds} seconds.", host=host, seconds=SECONDS))
    return bytes(found)


def _resolved(target: Target) -> Address:
    """The address behind the name. Raises NotReached unless all that are behind it may be reached: of several, an
    attacker's name has one that may."""
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotReached(tr("There is no host called {host}.", host=target.host)) from error
    addresses = [ip_address(str(one[4][0]).partition("%")[0]) for one in found]
    own = settings.load().networks
    for address in addresses:
        is_own = any(address in network for network in own)
        if not is_own and not is_public(address):
            raise NotReached(
                tr(
                    "{host} is in a private network, which is not reached from here. CRM_OUTBOUND_NETWORKS names "
                    "those that may be.",
                    host=target.host,
                )
            )
        if not is_own and not target.encrypted:
            raise NotReached(
                tr("{host} is asked by https:// alone, so that nobody changes what it says.", host=target.host)
            )
    return addresses[0]


def is_public(address: Address) -> bool:
    """Whether the address is of one machine of the internet, and of no other network in disguise."""
    if not address.is_global or address.is_multicast:
        return False
    if isinstance(address, IPv4Address):
        return True
    if address.is_site_local or any(address in network for network in TRANSLATED):
        return False
    return address.ipv4_mapped is None and address.sixtofour is None and address.teredo is None
