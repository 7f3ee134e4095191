from socket import AF_INET, AF_INET6, inet_pton

import pytest

from cloudboot.network.addresses import is_address

TEXTS = [
    "192.0.2.1",
    "0.0.0.0",
    "255.255.255.255",
    "256.0.0.1",
    "1.2.3",
    "1.2.3.4.5",
    "01.2.3.4",
    "1.2.3.00",
    "1.2.3.",
    "",
    "1.2.3.4/24",
    "1.2.3.a",
    " 1.2.3.4",
    "1.2.3.4 ",
    "1.2.3.-4",
    "1.2.3.+4",
    "1.2.3.\u0664",
    "1.2.3.\u00b2",
    "9" * 5000,
    "::1",
    "2001:db8::1",
    "fe80::1%eth0",
    "2001:db8::g",
    ":::",
    "::ffff:192.0.2.1",
    "1:2:3:4:5:6:7:8:9",
]


@pytest.mark.parametrize("text", TEXTS)
def test_an_address_is_what_the_kernel_reads_as_one(text):
    try:
        inet_pton(AF_INET6 if ":" in text else AF_INET, text.partition("%")[0])
        wanted = True
    except OSError:
        wanted = False
    assert is_address(text) is wanted
