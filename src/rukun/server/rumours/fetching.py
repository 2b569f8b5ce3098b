"""Reading an address of the web for the desk: only public ones, only so much of it, and only for so long.

The address is looked up once and that very machine is asked: a name that is public when it is checked and private when
it is used finds nothing. Redirects are checked like the address itself.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import time
import zlib
from dataclasses import dataclass
from urllib.parse import SplitResult, urljoin, urlsplit

from django.conf import settings

MOST_BYTES = 8 << 20
_SECONDS, _REDIRECTS, _PIECE = 30.0, 4, 1 << 16
_AGENT = "Rukun (fact-check reader)"


class Unreachable(ValueError):
    """It can't be read; the message says why, and holds nothing of what was there."""


@dataclass(frozen=True)
class Fetched:
    """content: whole; kind: its media type in small letters; mark: its ETag, or ""; link: after redirects.

    new: False where the server says that nothing changed since `mark`.
    """

    content: bytes
    kind: str
    mark: str
    link: str
    new: bool = True


def fetch(link: str, mark: str = "") -> Fetched:
    """What an http or https address gives. mark: of the last time, to be told if nothing is new. Raises Unreachable."""
    until = time.monotonic() + _SECONDS
    for _ in range(_REDIRECTS + 1):
        parts = urlsplit(link)
        connection = _connected(parts, until)
        try:
            answer = _asked(connection, parts, mark)
            if answer.status in (301, 302, 303, 307, 308):
                link = urljoin(link, answer.headers.get("Location", ""))
                continue
            if answer.status == 304:
                return Fetched(b"", "", mark, link, new=False)
            if answer.status != 200:
                raise Unreachable(f"its server answers {answer.status}")
            kind = answer.headers.get_content_type().lower()
            return Fetched(_body(answer, until), kind, (answer.headers.get("ETag") or "")[:200], link)
        except (OSError, http.client.HTTPException, zlib.error) as fault:
            raise Unreachable(f"its server can't be read ({type(fault).__name__})") from fault
        finally:
            connection.close()
    raise Unreachable(f"it leads on more than {_REDIRECTS} times")


def _connected(parts: SplitResult, until: float) -> http.client.HTTPConnection:
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise Unreachable("its port is no number") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
        raise Unreachable("only http:// and https:// addresses without a password are read")
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        connection = _PinnedTls(parts.hostname, port, timeout=_left(until), context=ssl.create_default_context())
    else:
        connection = _Pinned(parts.hostname, port, timeout=_left(until))
    connection.address = address_of(parts.hostname, port)  # type: ignore[attr-defined]
    return connection


def address_of(host: str, port: int) -> str:
    """The IP address of a host that may be read. Raises Unreachable for what lies inside any network."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unreachable("there is no such host") from None
    addresses = [str(entry[4][0]) for entry in found]
    ours = {host, f"{host}:{port}"} & set(settings.RUKUN_FEED_HOSTS)
    if not ours and not all(_is_public(address) for address in addresses):
        raise Unreachable("it lies inside a network: name its host in RUKUN_FEED_HOSTS if it is to be read")
    return addresses[0]


def _is_public(address: str) -> bool:
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        # an address of version 4 in the clothes of version 6 is what it is inside
        inside = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inside is None and ip in _NAT64:
            inside = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inside is not None:
            return inside.is_global and not inside.is_multicast
    return ip.is_global and not ip.is_multicast


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class _Pinned(http.client.HTTPConnection):
    """To the machine that was checked."""

    address = ""

    def connect(self) -> None:
        self.sock = socket.create_connection((self.address, self.port), self.timeout)


class _PinnedTls(http.client.HTTPSConnection):
    """To the machine that was checked, which proves that it bears the name."""

    address = ""

    def connect(self) -> None:
        plain = socket.create_connection((self.address, self.port), self.timeout)
        self.sock = self._context.wrap_socket(plain, server_hostname=self.host)  # type: ignore[attr-defined]


def _asked(connection: http.client.HTTPConnection, parts: SplitResult, mark: str) -> http.client.HTTPResponse:
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = {"User-Agent": _AGENT, "Accept": "*/*", "Accept-Encoding": "gzip"}
    if mark:
        headers["If-None-Match"] = mark
    try:
        connection.request("GET", path, headers=headers)
    except (UnicodeError, http.client.InvalidURL) as wrong:
        raise Unreachable("the address holds letters that must be written in % form") from wrong
    return connection.getresponse()


def _body(answer: http.client.HTTPResponse, until: float) -> bytes:
    packed = (answer.headers.get("Content-Encoding") or "").lower() == "gzip"
    reader = zlib.decompressobj(16 + zlib.MAX_WBITS) if packed else None
    whole = bytearray()
    while piece := answer.read1(_PIECE):
        _left(until)
        # unpacked a little at a time: a small file can hold a mountain
        whole += reader.decompress(piece, MOST_BYTES + 1 - len(whole)) if reader else piece
        if len(whole) > MOST_BYTES:
            raise Unreachable(f"it is larger than {MOST_BYTES >> 20} MB")
    return bytes(whole)


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise Unreachable(f"it takes longer than {_SECONDS:.0f} seconds")
    return left
