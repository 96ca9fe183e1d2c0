"""Whose attempts are counted together."""

import pytest

from app.auth.rate_limit import network_of


@pytest.mark.parametrize(
    ("address", "counted_as"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        (None, "unknown"),
        ("testclient", "testclient"),
    ],
)
def test_addresses_of_one_host_are_counted_together(address: str | None, counted_as: str) -> None:
    assert network_of(address) == counted_as
