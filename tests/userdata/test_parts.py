import gzip
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudboot.errors import Unreachable
from cloudboot.userdata import kinds
from cloudboot.userdata.include import addresses
from cloudboot.userdata.parts import Inclusion, file_name, unpack

CONFIG = b"#cloud-config\na: 1\n"
SCRIPT = b"#!/bin/sh\necho\n"


def message(*leaves):
    """A multipart message; a leaf is (content, type, headers)."""
    lines = [b'Content-Type: multipart/mixed; boundary="b"', b"MIME-Version: 1.0", b""]
    for content, *rest in leaves:
        kind = rest[0] if rest else ""
        headers = rest[1] if len(rest) > 1 else {}
        lines.append(b"--b")
        lines += [f"Content-Type: {kind}".encode()] if kind else []
        lines += [f"{k}: {v}".encode() for k, v in headers.items()]
        lines += [b"", content]
    return b"\n".join([*lines, b"--b--", b""])


def unpacked(raw, **given):
    """(kind, content) of every part; there must be no problem."""
    parts = unpack(raw, **given)
    assert parts.problems == ()
    return [(part.kind, part.content) for part in parts.found]


def problems(raw, **given):
    return [str(problem) for problem in unpack(raw, **given).problems]


def test_a_single_document_is_one_part():
    [part] = unpack(CONFIG).found
    assert (part.kind, part.content, part.name, part.origin) == (kinds.CONFIG, CONFIG, "part-001", "user-data")


@pytest.mark.parametrize("raw", [b"", b"\n \n", ()])
def test_no_user_data_is_no_part_and_no_problem(raw):
    assert unpacked(raw) == []


def test_gzip_is_undone_however_often_and_in_several_members():
    assert unpacked(gzip.compress(gzip.compress(CONFIG))) == [(kinds.CONFIG, CONFIG)]
    assert unpacked(gzip.compress(CONFIG) + gzip.compress(b"b: 2\n")) == [(kinds.CONFIG, CONFIG + b"b: 2\n")]


def test_a_message_is_taken_apart_with_its_names_and_headers():
    raw = message(
        (CONFIG, "text/cloud-config", {"Content-Disposition": '; filename="a/b c.yaml"', "Merge-Type": "list(append)"}),
        (SCRIPT, "text/x-shellscript"),
        (b"x", "text/x-shellscript-per-boot", {"X-Merge-Type": "dict()"}),
    )  # fmt: skip
    first, second, third = unpack(raw).found
    assert (first.kind, first.name, first.origin) == (kinds.CONFIG, "a_bc.yaml", "user-data#a/b c.yaml")
    assert first.merging == "list(append)"
    assert (second.kind, second.name, second.origin) == (kinds.SCRIPT, "part-002", "user-data#part-002")
    assert (third.kind, third.merging) == (kinds.PER_BOOT, "dict()")


def test_a_mislabelled_part_is_known_by_its_first_line_and_other_types_are_believed():
    raw = message(
        (CONFIG, "text/x-shellscript"), (SCRIPT, "text/plain"), (CONFIG,), (SCRIPT, "text/cloud-config"), (b"x", "a/b")
    )
    assert [kind for kind, _ in unpacked(raw)] == [kinds.CONFIG, kinds.SCRIPT, kinds.CONFIG, kinds.CONFIG, "a/b"]


def test_containers_open_inside_one_another():
    inner = gzip.compress(message((CONFIG,), (b"#cloud-config-archive\n- '#!/bin/sh'\n- {content: x, type: a/b}\n",)))
    assert unpacked(gzip.compress(message((inner, "application/x-gzip"), (SCRIPT,)))) == [
        (kinds.CONFIG, CONFIG),
        (kinds.SCRIPT, b"#!/bin/sh"),
        ("a/b", b"x"),
        (kinds.SCRIPT, SCRIPT),
    ]


def test_a_document_that_only_mentions_mime_is_no_message():
    raw = b"#cloud-config\nwrite_files:\n- path: /mail\n  content: |\n    MIME-Version: 1.0\n"
    assert unpacked(raw) == [(kinds.CONFIG, raw)]


def test_the_name_and_launch_index_of_a_compressed_part_are_those_of_its_content():
    headers = {"Content-Disposition": "attachment; filename=a.yaml", "Launch-Index": "3"}
    raw = message((gzip.compress(CONFIG), "application/gzip", headers))
    [part] = unpack(raw, launch_index=3).found
    assert (part.kind, part.name) == (kinds.CONFIG, "a.yaml")
    assert unpacked(raw, launch_index=4) == []


def test_an_archive_gives_its_parts_kinds_names_and_headers():
    raw = b"""#cloud-config-archive
- type: text/x-foo
  filename: foo.txt
  content: one
  Merge-Type: list(append)
  launch-index: 2
- "#!/bin/sh"
- a text of no kind
- content: !!binary aGk=
"""
    first, second, third, fourth = unpack(raw, launch_index=2).found
    assert (first.kind, first.content, first.name, first.merging) == ("text/x-foo", b"one", "foo.txt", "list(append)")
    assert (second.kind, second.name) == (kinds.SCRIPT, "part-002")
    assert third.kind == kinds.CONFIG
    assert (fourth.kind, fourth.content) == ("application/octet-stream", b"hi")


def test_what_is_wrong_with_an_archive_is_told_and_the_rest_is_there():
    raw = b"#cloud-config-archive\n- 7\n- {content: [x]}\n- '#!/bin/sh'\n"
    assert [part.kind for part in unpack(raw).found] == [kinds.SCRIPT]
    first, second = problems(raw)
    assert "user-data: [0]: it is neither a text nor a mapping" in first
    assert "user-data: [1]: its content is no text" in second
    assert "an archive is a list" in problems(b"#cloud-config-archive\na: 1\n")[0]
    assert "user-data:2:3: not YAML" in problems(b"#cloud-config-archive\n- 'open\n")[0]


@pytest.mark.parametrize(
    ("index", "wanted", "kept"),
    [("1", 1, True), ("0", 1, False), ("1", None, True), ("nonsense", 1, True)],
)
def test_a_part_is_for_the_machine_with_its_launch_index(index, wanted, kept):
    in_header = message((CONFIG, "text/cloud-config", {"Launch-Index": index}))
    in_body = f"#cloud-config\nlaunch-index: {index}\n".encode()
    assert bool(unpack(in_header, launch_index=wanted).found) == kept
    assert bool(unpack(in_body, launch_index=wanted).found) == kept


def test_the_launch_index_of_the_header_counts_more_than_that_of_the_body():
    raw = message((b"#cloud-config\nlaunch-index: 0\n", "text/cloud-config", {"Launch-Index": "1"}))
    assert len(unpack(raw, launch_index=1).found) == 1


def test_several_documents_count_as_one():
    parts = unpack([CONFIG, b"#!/bin/sh\n", b"#cloud-config-archive\n7"], "vendor-data")
    assert [part.name for part in parts.found] == ["part-001", "part-002"]
    assert "vendor-data[2]: an archive is a list" in str(parts.problems[0])


@pytest.mark.parametrize(
    ("text", "safe"),
    [("a/b", "a_b"), ("../../etc/passwd", ".._.._etc_passwd"), ("..", ""), ("é\n", ""), ("a b$(c).sh", "ab(c).sh")],
)
def test_a_file_name_is_safe_in_any_folder(text, safe):
    assert file_name(text) == safe


def test_addresses_stand_one_a_line_and_directives_hold_for_the_lines_after_them():
    text = "#include http://a\n# note\n\nhttp://b\n#include-once\n  http://c  \n#INCLUDE http://d\nhttp://e\n"
    assert addresses(text) == (
        ("http://a", False), ("http://b", False), ("http://c", True), ("http://d", False), ("http://e", False),
    )  # fmt: skip


def web(**pages):
    def fetch(url):
        if url not in pages:
            raise Unreachable("no answer")
        return pages[url]

    return Inclusion(fetch)


def test_an_include_stands_for_what_its_addresses_hold():
    inclusion = web(a=b"#include\nb\n", b=gzip.compress(message((CONFIG,), (SCRIPT,))))
    parts = unpack(message((b"#include a\n",), (b"x", "a/b")), inclusion=inclusion)
    assert parts.problems == ()
    assert [(part.kind, part.origin) for part in parts.found] == [
        (kinds.CONFIG, "b#part-001"),
        (kinds.SCRIPT, "b#part-002"),
        ("a/b", "user-data#part-003"),
    ]


def test_an_address_that_does_not_answer_is_named_without_its_secrets_and_the_others_are_read():
    inclusion = web(a=CONFIG)
    raw = b"#include\nhttps://me:secret@host/x?token=secret\na\n"
    parts = unpack(raw, inclusion=inclusion)
    assert [part.kind for part in parts.found] == [kinds.CONFIG]
    assert str(parts.problems[0]) == "user-data: cannot include https://host/x?...: no answer"


def test_what_is_fetched_once_is_kept_and_not_fetched_again():
    kept = {}
    first = Inclusion({"a": CONFIG, "b": SCRIPT}.__getitem__, kept.get, kept.__setitem__)
    raw = b"#include-once\na\n#include\nb\n"
    assert len(unpack(raw, inclusion=first).found) == 2
    assert kept == {"a": CONFIG}
    later = Inclusion({"b": SCRIPT}.__getitem__, kept.get, kept.__setitem__)
    assert unpacked(raw, inclusion=later) == [(kinds.CONFIG, CONFIG), (kinds.SCRIPT, SCRIPT)]


def test_an_include_without_a_way_to_fetch_is_a_problem():
    assert problems(b"#include http://a\n") == ["user-data: cannot include http://a: addresses are not fetched here"]


def test_an_include_of_itself_ends():
    asked = []

    def fetch(url):
        asked.append(url)
        return {"a": b"#include b\n", "b": b"#include\na\n"}[url]

    [problem] = problems(b"#include a\n", inclusion=Inclusion(fetch))
    assert "b: cannot include a: it includes itself" in problem
    assert asked == ["a", "b"]


def test_includes_end_at_their_depth_and_their_number():
    deep = Inclusion(lambda url: b"#include %d\n" % (int(url) + 1))
    assert "more than 8 includes inside one another" in problems(b"#include 0\n", inclusion=deep)[0]
    many = unpack(b"#include\n" + b"a\n" * 100, inclusion=web(a=SCRIPT))
    assert len(many.found) == 64
    assert "more than 64 addresses" in str(many.problems[0])
    wide = Inclusion(lambda url: b"#include\n" + b"".join(b"%s%d\n" % (url.encode(), i) for i in range(9)))
    assert any("more than 64 addresses" in problem for problem in problems(b"#include x\n", inclusion=wide))


BOMB = gzip.compress(bytes(17 << 20))


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (BOMB, "it unpacks to more than"),
        (gzip.compress(BOMB), "it unpacks to more than"),
        (message(*[(gzip.compress(bytes(3 << 20)), "application/gzip")] * 8), "it unpacks to more than"),
        (bytes(17 << 20), "all of user-data is more than 16 MiB"),
        (message(*[(SCRIPT,)] * 100_000), "more than 4096 parts"),
        (b"#cloud-config-archive\n" + b"- '#!'\n" * 10_000, "more than 4096 parts"),
        (gzip.compress(CONFIG)[:-9], "its gzip ends too early"),
        (gzip.compress(CONFIG)[:-8] + b"12345678", "its gzip is damaged"),
        (message((CONFIG, "application/gzip")), "it is declared as gzip, and is not"),
    ],
    ids=["gzip", "nested gzip", "many gzips", "size", "parts", "archive", "cut off", "damaged", "not gzip"],
)  # fmt: skip
def test_a_bomb_or_a_broken_container_ends_in_a_clear_error(raw, said):
    assert said in problems(raw)[0]


def test_containers_end_at_their_depth():
    raw = CONFIG
    for _ in range(12):
        raw = gzip.compress(raw)
    assert "more than 8 containers" in problems(raw)[0]


def test_500_parts_are_read_in_order():
    whole = MIMEMultipart()
    for number in range(500):
        whole.attach(MIMEText(f"#cloud-config\nk{number}: 1\n", "cloud-config"))
    assert [content.split()[1] for _, content in unpacked(whole.as_bytes())] == [b"k%d:" % i for i in range(500)]


@given(st.binary(max_size=200) | st.lists(st.sampled_from([
    b"#cloud-config\n", b"#cloud-config-archive\n", b"#include a\n", b"MIME-Version: 1.0\n", b"\n", b"--b\n", b"- ",
    b"Content-Type: multipart/mixed; boundary=b\n", b"content: ", b"Content-Type: application/gzip\n", b"\x1f\x8b",
    b"Content-Type: text/plain; charset=utf-7\n", b"Launch-Index: 1\n", b"\xff", b"launch-index: x",
]), max_size=12).map(b"".join))  # fmt: skip
def test_any_bytes_are_parts_and_problems(raw):
    inclusion = Inclusion(lambda url: raw)
    unpack(raw, launch_index=0, inclusion=inclusion)
