from __future__ import annotations

import ipaddress

import pytest

from runner import guarding


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.1.2.3"),
        *("100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
        *("::", "::1", "fe80::1", "fd00::1", "fec0::1", "ff02::1", "2001:db8::1"),
        *("::ffff:127.0.0.1", "::ffff:169.254.169.254", "2002:7f00:1::", "64:ff9b::a00:1"),
        "2001:0:a00:1::",
    ],
)
def test_addresses_of_own_networks_are_not_public(address: str) -> None:
    assert not guarding.is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "8.8.8.8", "2606:4700::1", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_addresses_of_the_internet_are(address: str) -> None:
    assert guarding.is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("host", ["localhost", "2130706433", "0x7f000001", "127.1", "017700000001"])
def test_names_and_odd_spellings_of_this_machine_are_seen_through(host: str) -> None:
    with pytest.raises(guarding.NotPublic, match="is not a public address"):
        guarding.public_addresses(host, 80)


@pytest.mark.parametrize("host", ["", "a..b", "x" * 300, "\ud800", "none.invalid", "a b"])
def test_what_is_no_name_at_all_is_not_public(host: str) -> None:
    with pytest.raises(guarding.NotPublic):
        guarding.public_addresses(host, 80)
