import base64
import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudboot.cmdline import config_blocks, parse, seed, words


def coded(text, pack=lambda b: b):
    return base64.b64encode(pack(text.encode())).decode()


def test_a_line_that_asks_for_nothing_says_nothing():
    line = parse("BOOT_IMAGE=/vmlinuz root=/dev/vda1 ro quiet")
    assert line.but(words=()) == parse("")
    assert line.root == "/dev/vda1" and not line.initramfs_network


@pytest.mark.parametrize("word", ["cloudboot=disabled", "cloud-init=disabled"])
def test_an_off_switch_is_a_whole_word(word):
    assert parse(f"ro {word} quiet").disabled == word
    assert not parse(f"ro x{word} {word}x").disabled


@pytest.mark.parametrize(
    "line, name",
    [
        ("ds=Ec2", "Ec2"),
        ("ds=nocloud;s=http://x/", "nocloud"),
        ("ds=gce ds=ec2", "ec2"),
        ("ci.ds=maas", "maas"),
        ("ci.datasource=maas", "maas"),
        ("ci.datasource=a ci.ds=b ds=c", "c"),
        ("ds=c cloudboot.ds=d", "d"),
        ("cloudboot.seed=http://x/", "nocloud"),
        ("cloudboot.seed=http://x/ ds=ec2", "nocloud"),
        ("cloudboot.seed=http://x/ cloudboot.ds=ec2", "ec2"),
        ("adds=ec2", ""),
    ],
)
def test_the_datasource_asked_for(line, name):
    assert parse(line).datasource == name


def test_deprecated_spellings_are_noted_with_the_new_one():
    assert "ci.ds= is deprecated since 23.2" in parse("ci.ds=ec2").notes[0]
    assert "cloudboot.config-url=" in parse("url=http://x/y").notes[0]
    assert parse("url=http://x/y cloud-config-url=http://x/z").notes == ()


def test_a_nocloud_word_becomes_meta_data():
    assert seed(["ds=nocloud;h=node1;i=iid-1;s=/seed/;public-keys=k;flag;;"]) == {
        "local-hostname": "node1", "instance-id": "iid-1", "seedfrom": "/seed/", "public-keys": "k", "flag": None,
        "dsmode": "local"}  # fmt: skip


@pytest.mark.parametrize(
    "word, mode",
    [
        ("ds=nocloud", "local"),
        ("ds=nocloud-net", "net"),
        ("ds=nocloud;s=https://x/", "net"),
        ("ds=nocloud-net;s=file:///x/", "local"),
        ("ds=nocloud-net;s=/x/", "local"),
        ("ds=nocloud;s=ftp://x/;dsmode=local", "local"),
        ("ds=nocloud;s=odd:x", None),
    ],
)
def test_when_a_seed_is_for_follows_from_where_it_is(word, mode):
    assert seed([word]).get("dsmode") == mode


def test_the_last_nocloud_word_counts_and_others_are_none():
    assert seed(["ds=nocloud;i=1", "ds=nocloud;i=2"])["instance-id"] == "2"
    assert seed(["ds=nocloudy;i=1", "ds=ec2", "xds=nocloud"]) is None


@pytest.mark.parametrize(
    "line, text",
    [
        ("cc:{'datasource_list': ['NoCloud']}end_cc", "{'datasource_list': ['NoCloud']}"),
        (r"ro cc: locale: C.UTF-8\ntimezone: UTC end_cc quiet", "locale: C.UTF-8\ntimezone: UTC "),
        ("cc:bootcmd:%20[%22date%22]end_cc", 'bootcmd: ["date"]'),
        ("cc: a: 1 end_cc x cc: b: 2 end_cc", "a: 1 \nb: 2 "),
        ("ro cc: a: 1", "a: 1"),
        ("xcc: a: 1 end_cc", ""),
        ("cc: 100% %zz %e4%bd%a0 %4 end_cc", "100% %zz \u4f60 %4 "),
    ],
)
def test_config_blocks_are_decoded_and_joined(line, text):
    assert config_blocks(line)[0] == text


def test_words_inside_a_closed_block_are_not_words_of_the_line():
    line = parse("cc: runcmd: [mount root=/x cloud-init=disabled ] end_cc root=/dev/vda1")
    assert line.root == "/dev/vda1" and not line.disabled
    assert parse("cc: a: 1 cloud-config-url=http://x/").config_url == "http://x/"


def test_own_config_is_base64_and_stands_above_the_blocks():
    line = parse(f"cc: a: 1 end_cc cloudboot.config={coded('a: 2')}")
    assert [text for _, text in line.config] == ["a: 2", "a: 1 "]


def test_the_network_comes_in_base64_or_gzip_or_is_off():
    assert parse(f"network-config={coded('version: 1')}").network == b"version: 1"
    assert parse(f"network-config={coded('version: 2', gzip.compress)}").network == b"version: 2"
    assert parse(f"network-config={coded('a')} cloudboot.network={coded('b')}").network == b"b"
    off = parse("network-config=disabled")
    assert off.network_disabled and off.network is None
    assert parse("ip=dhcp").initramfs_network and parse("ip6=on").initramfs_network


@pytest.mark.parametrize("value", ["x", coded("cut short", lambda b: gzip.compress(b)[:-9]),
                                   coded("0" * (2 << 20), gzip.compress)],
                         ids=["no base64", "cut short", "too large"])  # fmt: skip
def test_a_network_that_cannot_be_decoded_is_empty_and_noted(value):
    line = parse(f"network-config={value}")
    assert line.network == b"" and "ignored" in line.notes[0]


def test_double_quotes_hold_a_word_together_and_an_odd_one_parts_nothing():
    assert words('a "b c" d="e f"') == ("a", "b c", "d=e f")
    assert words('a "b c') == ("a", '"b', "c")


def test_own_words_win_over_the_borrowed_ones():
    line = parse(
        "cloud-config-url=http://a/ cloudboot.config-url=http://b/ ci.di.policy=search cloudboot.policy=enabled"
    )
    assert (line.config_url, line.policy) == ("http://b/", "enabled")


@given(st.text())
def test_any_text_is_read_without_a_fault(text):
    line = parse(text)
    assert all(isinstance(w, str) for w in line.words)


@given(st.text(alphabet="abc %41\\n{}:"))
def test_a_block_runs_to_its_end_mark(text):
    assert config_blocks(f"x cc:{text}end_cc y")[1] == "x   y"
