import resource
import signal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudboot.errors import CloudbootError, Invalid
from cloudboot.userdata import template
from cloudboot.userdata.basic import fill
from cloudboot.userdata.limits import OutOfTime, within

DATA = {
    "v1": {"local-hostname": "web1", "region": "here"},
    "v2": {"region": "there"},
    "ds": {"meta_data": {"public-keys": ["k1", "k2"]}},
}
HEAD = "## template: jinja\n"


def rendered(text):
    return template.render(HEAD + text, DATA, "f").text


def refused(text):
    with pytest.raises(Invalid) as caught:
        template.render(HEAD + text, DATA, "f")
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("#cloud-config\nhostname: {{ v1.local_hostname }}\n", "#cloud-config\nhostname: web1\n"),
        ('{{ v1["local-hostname"] }} {{ local_hostname }}', "web1 web1"),
        ("{{ region }}", "there"),
        ("{{ ds.meta_data.public_keys[1] }}", "k2"),
        ("{% if true %}\nyes\n{% endif %}\nend", "yes\nend"),
        ("{% set keys = ds.meta_data.public_keys %}{% do keys.append('k3') %}{{ keys|join(',') }}", "k1,k2,k3"),
        ("{# note #}a\n\n", "a\n\n"),
        ("no braces", "no braces"),
    ],
)
def test_a_template_is_filled_in_with_instance_data(text, result):
    assert rendered(text) == result
    assert DATA["ds"] == {"meta_data": {"public-keys": ["k1", "k2"]}}


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        (HEAD, True), ("##template:jinja\n", True), ("\n##  Template:  JINJA \nx", True),
        (b"\xef\xbb\xbf" + HEAD.encode(), True),
        ("## template: basic\n", False), ("# template: jinja\n", False), ("", False), ("a\n" + HEAD, False),
    ],
)  # fmt: skip
def test_a_template_is_known_by_its_first_line(text, asks):
    assert template.is_template(text) == asks


def test_a_name_without_data_is_marked_in_the_text_and_told():
    found = template.render(HEAD + "{{ nothing }} {{ v1.nowhere }} {{ nothing }}", DATA)
    assert found.text == "CI_MISSING_JINJA_VAR/nothing CI_MISSING_JINJA_VAR/nowhere CI_MISSING_JINJA_VAR/nothing"
    assert found.missing == ("nothing", "nowhere")


def test_a_key_with_an_operator_has_a_twin_and_real_keys_come_first():
    seen = template.variables({"a-b": 1, "a_b": 2, "x/y": {"p.q": 3}, "v1": {"ds": 4, "only": 5}, "ds": 6})
    assert (seen["a_b"], seen["x_y"]["p_q"], seen["ds"], seen["only"]) == (2, 3, 6, 5)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a\n{% if %}\n", "f:3:1: its Jinja is wrong"),
        ("a\n{{ nothing.more }}\n", "f:3:1: there is no such data: 'nothing' is undefined"),
        ("{{ public-keys }}", "f:2:1: public-keys is a subtraction; write public_keys"),
        ("\n\n{{ 1 / 0 }}", "f:4:1: it cannot be filled in: ZeroDivisionError"),
        ("{% include '/etc/passwd' %}", "f:2:1: a template cannot include another one"),
        ("{{ ''.__class__.__mro__ }}", "f:2:1: it does what no template may"),
        ("{{ region.format.__globals__ }}", "f:2:1: it does what no template may"),
        ("{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}", "it calls itself without end"),
        ("{{ " + "(" * 10_000, "f:"),
    ],
)
def test_an_error_names_its_line(text, said):
    assert said in refused(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ 'a' * 2000000000 }}", "too much memory"),
        ("{{ 'a'|center(2000000000) }}", "too much memory"),
        ("{% set n = namespace(x='a') %}{% for i in range(60) %}{% set n.x = n.x ~ n.x %}{% endfor %}", "much memory"),
        ("{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}", "more than 0.2 seconds"),
        ("{% for i in range(99999) %}{{ 'x' * 999 }}{% endfor %}", "longer than 16 MiB"),
        ("{{ 10 ** (10 ** 9) }}", "a number in it becomes too long"),
        ("{% set n = namespace(x=3) %}{% for i in range(60) %}{% set n.x = n.x * n.x %}{% endfor %}", "a number in it"),
        ("{{ range(10 ** 9) | list }}", "cannot be filled in: OverflowError"),
    ],
)  # fmt: skip
def test_a_template_ends_at_its_bounds(text, said, monkeypatch):
    monkeypatch.setattr(template, "MAX_SECONDS", 0.2 if "seconds" in said else 20.0)
    assert said in refused(text)


def test_bounds_hold_only_while_the_work_lasts():
    before = resource.getrlimit(resource.RLIMIT_AS), signal.getsignal(signal.SIGPROF)
    assert within(1, 64 << 20, lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        within(1, 64 << 20, lambda: 1 // 0)
    with pytest.raises(MemoryError):
        within(1, 64 << 20, lambda: bytes(1 << 30))
    with pytest.raises(OutOfTime, match="more than 0.1 seconds"):
        within(0.1, 64 << 20, lambda: [None for _ in iter(int, 1)])
    assert (resource.getrlimit(resource.RLIMIT_AS), signal.getsignal(signal.SIGPROF)) == before
    assert signal.getitimer(signal.ITIMER_PROF)[0] == 0


@given(st.lists(st.sampled_from(
    ["{{", "}}", "{%", "%}", " v1 ", "for x in", "if", "endif", "endfor", ".", "-", "|", "'", "x", "1", "(", ")", "do"]
), max_size=12).map("".join))  # fmt: skip
def test_any_text_is_filled_in_or_refused(text):
    try:
        template.render(HEAD + text, DATA, "f")
    except CloudbootError:
        pass


VALUES = {"instance_id": "i-1", "v": {"a": {"b": 2}}, "RELEASE": "bookworm"}


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("$instance_id/${instance_id}x", "i-1/i-1x"),
        ("${v.a.b} $v.a.b", "2 2"),
        ("$RELEASE-updates $RELEASE.", "bookworm-updates bookworm."),
        ("$ $$ 5$", "$ $$ 5$"),
    ],
)
def test_the_small_language_fills_in_names(text, result):
    assert fill(text, VALUES) == result


@pytest.mark.parametrize("text", ["$other", "${v.a.c}", "${instance_id.x}"])
def test_the_small_language_refuses_a_name_that_stands_for_nothing(text):
    with pytest.raises(Invalid, match="stands for nothing here; there are RELEASE, instance_id, v"):
        fill(text, VALUES)
