"""Addresses that are never connected to, in every notation."""

from ipaddress import ip_address, ip_network

import pytest

from app.outbound.ip_ranges import METADATA, permitted


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.255.0.1", "169.254.1.1", "169.254.169.254", "172.16.0.1",
        "192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.1", "203.0.113.1",
        "224.0.0.251", "239.1.1.1", "240.0.0.1", "255.255.255.255", "168.63.129.16", "100.100.100.200",
        "::", "::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:9.9.9.9", "::127.0.0.1", "::9.9.9.9",
        "64:ff9b::127.0.0.1", "64:ff9b::9.9.9.9", "64:ff9b:1::10.0.0.1", "100::1", "2001::1", "2001:db8::1",
        "2001:10::1", "2002:7f00:1::", "2002:a9fe:a9fe::1", "2002:909:909::1", "3fff::1", "4000::1", "5f00::1",
        "fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1", "ff0e::1",
    ],
)  # fmt: skip
def test_not_the_public_internet(address: str) -> None:
    assert not permitted(ip_address(address))


@pytest.mark.parametrize("address", ["9.9.9.9", "1.1.1.1", "172.32.0.1", "2606:4700::1111", "2a00:1450::1"])
def test_the_public_internet(address: str) -> None:
    assert permitted(ip_address(address))


def test_an_opened_network_opens_nothing_else() -> None:
    opened = [ip_network("10.0.0.0/8"), ip_network("64:ff9b::/96")]
    assert permitted(ip_address("10.1.2.3"), opened)
    assert not permitted(ip_address("127.0.0.1"), opened)
    assert permitted(ip_address("64:ff9b::9.9.9.9"), opened)
    assert not permitted(ip_address("64:ff9b::127.0.0.1"), opened)


@pytest.mark.parametrize("address", sorted(map(str, METADATA)))
def test_no_setting_opens_the_addresses_that_hand_out_credentials(address: str) -> None:
    assert not permitted(ip_address(address), [ip_network("0.0.0.0/0"), ip_network("::/0")])
