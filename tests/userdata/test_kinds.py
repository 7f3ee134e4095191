import pytest

from cloudboot.userdata import kinds


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"#cloud-config\na: 1", kinds.CONFIG),
        (b"#cloud-config (web servers)\n", kinds.CONFIG),
        (b"\n\n  #Cloud-Config\n", kinds.CONFIG),
        (b"\xef\xbb\xbf#cloud-config\n", kinds.CONFIG),
        (b"#cloud-config-archive\n", kinds.ARCHIVE),
        (b"#cloud-config-jsonp\n", kinds.PATCH),
        (b"#cloud-boothook\n", kinds.BOOTHOOK),
        (b"#include\n", kinds.INCLUDE),
        (b"#include-once\n", kinds.INCLUDE_ONCE),
        (b"#part-handler\n", kinds.HANDLER),
        (b"## template: jinja\n#cloud-config\n", kinds.TEMPLATE),
        (b"#!/bin/sh\n\xff\xfe", kinds.SCRIPT),
        (b"# cloud-config\n", ""),
        (b"", ""),
        (b"hello", ""),
    ],
)
def test_the_first_line_says_what_a_document_is(content, kind):
    assert kinds.kind_of(content) == kind


def test_no_announcement_hides_behind_a_shorter_one():
    marks = list(kinds.MARKS)
    assert not [(a, b) for i, a in enumerate(marks) for b in marks[:i] if a.startswith(b)]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"users:\n- default\npackages: [git]\n", "lacks its first line"),
        (b"# my machine\n---\nruncmd:\n  - ls\n", "lacks its first line"),
        (b'{"users": ["default"]}', "lacks its first line"),
        (b"# cloud-config\nusers: []\n", "nearly, but not quite, #cloud-config"),
        (b"#cloud_config\nusers: []\n", "nearly, but not quite, #cloud-config"),
        (b"#clod-config\nusers: []\n", "nearly, but not quite, #cloud-config"),
        (b"#cloud-boot-hook\necho\n", "nearly, but not quite, #cloud-boothook"),
        (b'{"ignition": {"version": "3.3.0"}}', "Ignition"),
        (b"<powershell>\nls\n</powershell>", "Windows"),
        (b"-----BEGIN PGP MESSAGE-----\n", "encrypted"),
        (b"\xfd7zXZ\0abc", "packed with xz"),
        (b"I2Nsb3VkLWNvbmZpZwp1c2VyczoKLSBkZWZhdWx0Cg==", "base64"),
        (b"hello world\n", "nobody knows what it is"),
        (b"\x00\x01\x02", "nobody knows what it is"),
    ],
)
def test_what_lacks_an_announcement_is_named_for_what_it_is(content, said):
    reason, remedy = kinds.diagnose(content)
    assert said in reason
    assert remedy


def test_a_misspelt_announcement_is_told_as_it_should_be():
    assert kinds.diagnose(b"#cloudconfig\na: 1\n")[1] == "make it #cloud-config"


def test_an_announcement_is_taken_off_with_its_case_and_white_space():
    assert kinds.without_mark("\n#Cloud-Boothook\n#!/bin/sh\n", "#cloud-boothook") == "\n#!/bin/sh\n"
    assert kinds.without_mark("echo\n", "#cloud-boothook") == "echo\n"
