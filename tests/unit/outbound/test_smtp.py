"""Headers of e-mails that hold names of strangers."""

from email import policy

import pytest

from app.outbound import smtp


@pytest.mark.parametrize(
    "name",
    ["=?utf-8?q?x=0D=0ABcc:_eve@example.org?=", "x\r\nBcc: eve@example.org", "x\u2028Bcc: eve@example.org", "= ?= ?"],
)
def test_a_name_cannot_add_a_header(name: str) -> None:
    made = smtp.compose("dana@acme.example", f"Invitation to {name} on Exhume", "text")
    written = made.as_bytes(policy=policy.SMTP).partition(b"\r\n\r\n")[0].decode()
    headers = [line.partition(":")[0] for line in written.split("\r\n")]
    assert headers[:3] == ["From", "To", "Subject"]
    assert "Bcc" not in headers
    assert made["To"] == "dana@acme.example"


@pytest.mark.parametrize("address", ["=?utf-8?q?a=0D=0ABcc:_eve?=@example.org", "a@[", "a\r\nBcc: eve@example.org"])
def test_an_address_that_cannot_be_written_is_a_failure_to_send(address: str) -> None:
    with pytest.raises(smtp.MailError, match="is not an address"):
        smtp.compose(address, "Invitation", "text")
