"""Which hosts may be asked for files, and a connection that asks no others.

An answer of a helpdesk must not make us read the network we stand in: routers, cloud metadata,
a database on this machine. A name is looked up here, every address that it has is checked, and the
connection goes to an address that was checked: asked twice, a hostile name server answers twice.
"""

from __future__ import annotations

import ipaddress
import socket
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError

from runner.errors import PreflightError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")  # NAT64, RFC 6052: IPv4 in the last four bytes


class NotPublic(ValueError):
    """A host has an address that belongs to somebody's own network; the text names the host."""


def is_public(address: Address) -> bool:
    """Say whether an address is one of the public internet.

    IPv4 addresses inside IPv6 ones (mapped, 6to4, Teredo, NAT64) count as what they lead to.
    """
    if isinstance(address, ipaddress.IPv6Address):
        inner = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
        if address in _TRANSLATED:
            inner.append(ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF))
        if not all(is_public(found) for found in inner if found is not None):
            return False
        if address.ipv4_mapped is not None:
            return True
        if address.is_site_local:  # given up by RFC 3879, and still in use
            return False
    return address.is_global and not address.is_multicast


def literal(host: str) -> Address | None:
    """Return the address that a host is written as; None for a name."""
    try:
        return ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return None


def public_addresses(host: str, port: int | None) -> list[str]:
    """Look a name up and return its addresses.

    Raises:
        NotPublic: it is not known, or one of its addresses is not public.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotPublic(f"{host} is not known") from error
    addresses = list(dict.fromkeys(str(item[4][0]) for item in found))
    for text in addresses:
        address = literal(text)
        if address is None or not is_public(address):
            raise NotPublic(f"{host} is not a public address")
    return addresses


def check_bundle(verify: object) -> None:
    """Say so when certificates are named that are not there: requests has no word for it.

    Raises:
        PreflightError: ``verify`` names a file that does not exist.
    """
    if isinstance(verify, str) and not Path(verify).exists():
        raise PreflightError(
            f"{verify}: there are no certificates here.",
            advice="Set REQUESTS_CA_BUNDLE (or ca_bundle in the config) to your CA file.",
        )


class _Checked(HTTPConnection):
    """Connects to a checked address of its host; a literal one was decided on before."""

    def _new_conn(self) -> socket.socket:
        name = self._dns_host
        if literal(name) is not None:
            return super()._new_conn()
        last: NewConnectionError | None = None
        for address in public_addresses(name, self.port):
            # urllib3 connects to _dns_host; TLS and Host header go by the name, put back below.
            self._dns_host = address
            try:
                return super()._new_conn()
            except NewConnectionError as error:
                last = error
            finally:
                self._dns_host = name
        raise last or NewConnectionError(self, f"{name} has no address")


class _CheckedTls(_Checked, HTTPSConnection):
    """The same with TLS: the certificate has to be the name's."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Checked


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _CheckedTls


class PublicAdapter(HTTPAdapter):
    """Sends requests to public addresses only; through a proxy, that looks names up itself."""

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        """Make pools of checked connections."""
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}

    def send(self, *arguments: Any, **options: Any) -> requests.Response:
        """Send; a host that may not be asked ends as an address that cannot be used."""
        try:
            return super().send(*arguments, **options)
        except NotPublic as error:
            raise requests.exceptions.InvalidURL(str(error)) from error
