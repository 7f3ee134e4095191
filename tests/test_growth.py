"""Work grows with the size of a document, not with its square: counted in calls, which do not depend on the machine."""

from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest

from cloudboot.userdata.config import Sources, settle, trace
from cloudboot.userdata.parts import unpack
from tests.kit import calls


def config(size):
    entry = "- path: /etc/file{0}\n  content: |\n    some text of file {0}\n  permissions: '0644'\n"
    text = "#cloud-config\nwrite_files:\n" + "".join(entry.format(i) for i in range(size // 75))
    return text.encode()


def mime(parts):
    message = MIMEMultipart()
    for number in range(parts):
        message.attach(MIMEText(f"#cloud-config\nkey{number}: [a, b, {{c: d}}]\n", "cloud-config"))
    return message.as_bytes()


def settled(raw):
    parts = unpack(raw, "user-data")
    assert parts.problems == ()
    return settle(Sources(user=parts))


@pytest.mark.parametrize(
    "make,small,large", [(config, 250_000, 1_000_000), (mime, 125, 500)], ids=["1 MB", "500 parts"]
)
def test_a_document_four_times_as_large_takes_four_times_the_work(make, small, large):
    few = calls(lambda: settled(make(small)))
    many = calls(lambda: settled(make(large)))
    assert many / few < 4.6


def test_nothing_is_lost_on_the_way():
    assert len(settled(config(1_000_000)).config["write_files"]) == 1_000_000 // 75
    assert len(settled(mime(500)).config) == 500


def test_telling_where_every_value_came_from_grows_no_faster():
    few = calls(lambda: trace(Sources(user=unpack(mime(50), "user-data"))))
    many = calls(lambda: trace(Sources(user=unpack(mime(200), "user-data"))))
    assert many / few < 4.6
