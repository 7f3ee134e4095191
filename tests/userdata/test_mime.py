import email
import email.mime.application
import email.mime.multipart
import email.mime.text
from email import encoders

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudboot.errors import BadPart
from cloudboot.userdata import kinds, mime

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=40)


def opened(data, levels=8):
    return list(mime.leaves(mime.read(data), levels))


def built(tree):
    """A message from a tree: a list is a multipart, a text a text part, bytes an attachment."""
    if isinstance(tree, list):
        whole = email.mime.multipart.MIMEMultipart()
        for inner in tree:
            whole.attach(built(inner))
        return whole
    if isinstance(tree, bytes):
        return email.mime.application.MIMEApplication(tree, "x-thing")
    return email.mime.text.MIMEText(tree, "cloud-config", "utf-8")


def flat(tree):
    return [leaf for inner in tree for leaf in flat(inner)] if isinstance(tree, list) else [tree]


TREES = st.recursive(
    st.lists(TEXT | st.binary(max_size=40), min_size=1, max_size=3),
    lambda inner: st.lists(inner | TEXT, min_size=1, max_size=3),
    max_leaves=8,
)


@given(TREES)
def test_what_the_standard_library_writes_is_read_back(tree):
    found = opened(built(tree).as_bytes())
    written = [leaf.encode() if isinstance(leaf, str) else leaf for leaf in flat(tree)]
    assert [mime.content(leaf) for leaf in found] == written


@given(TEXT, st.sampled_from(["base64", "quoted-printable", "7or8bit"]))
def test_every_transfer_encoding_is_undone(text, encoding):
    part = email.mime.text.MIMEText("")
    part.set_payload(text.encode("utf-8", "surrogateescape"))
    {"base64": encoders.encode_base64, "quoted-printable": encoders.encode_quopri, "7or8bit": encoders.encode_7or8bit}[
        encoding
    ](part)
    [leaf] = opened(part.as_bytes())
    assert mime.content(leaf) == part.get_payload(decode=True)


MIXED = "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n"
INNER = "--b\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\none\n--c\n\ntwo\n"


@pytest.mark.parametrize(
    "text",
    [
        MIXED + "\n--b\n\none\n--b\n\ntwo\n--b--\n",
        MIXED + "\npreamble\n--b\n\none\n--b--\nepilogue\n--b\n\nnot this\n",
        MIXED + "\n--b\n\none\n\n--b\n\ntwo",
        MIXED + "\n--b\n--b\n\none\n--b--",
        MIXED + "\n--b \t\nContent-Type: a/b\n\none\n--b-- \n",
        MIXED + "\n--b\nno header\n\nbody\n--b--\n",
        MIXED + "\n--b\nX: y\nno header\n--b--\n",
        MIXED + "\n--b\nContent-Type: a/b;\n  name=x\n\n--bx\n --b\n--b--\n",
        MIXED + "\n" + INNER + "--c--\n--b\n\nthree\n--b--\n",
        MIXED + "\n" + INNER + "--b\n\nthree\n--b--\n",
        MIXED + "--b\n\none\n--b--\n",
        MIXED.replace("b\n", '"b"; charset=x\n') + "\n--b\nContent-Transfer-Encoding: base64\n\naGVsbG8=\n\n--b--\n",
        MIXED + "\n--b\nContent-Type: message/rfc822\n\nContent-Type: a/b\n\none\n--b--\n",
        "From me now\nMIME-Version: 1.0\n\n#cloud-config\n",
        "MIME-Version: 1.0\nContent-Type: nonsense\n\nbody\n",
        "#!/bin/sh\necho MIME-Version: 1.0\n",
        "",
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_message_means_what_the_standard_library_takes_it_for(text, end):
    data = text.replace("\n", end).encode()
    parts = [part for part in email.message_from_bytes(data).walk() if not part.is_multipart()]
    theirs = [(part.get_content_type(), part.get_payload(decode=True)) for part in parts]
    ours = [(leaf.kind, mime.content(leaf)) for leaf in opened(data)]
    # an empty part is nothing to anybody, and neither is a line end at the end of what is never closed
    assert [(kind, body.rstrip()) for kind, body in ours if body] == [
        (kind, body.rstrip()) for kind, body in theirs if body
    ]


@given(st.binary(max_size=300))
def test_any_bytes_are_read(data):
    for leaf in opened(data):
        if not isinstance(leaf, BadPart):
            try:
                mime.content(leaf)
            except BadPart:
                pass


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ('multipart/mixed; boundary="a b;c"', {"boundary": "a b;c"}),
        ("multipart/mixed;boundary=abc ; charset=x", {"boundary": "abc", "charset": "x"}),
        (r'attachment; filename="a\"b.sh"', {"filename": 'a"b.sh'}),
        ("attachment; filename*=utf-8''na%C3%AFve.sh", {"filename": "naïve.sh"}),
        ('attachment; filename*0="long-"; filename*1=name.sh', {"filename": "long-name.sh"}),
        ("attachment; filename*0*=utf-8''a%20; filename*1*=b", {"filename": "a b"}),
        ("attachment; filename*=nonsense''a%20b", {"filename": "a b"}),
        ('attachment; FileName="open', {"filename": "open"}),
        ('attachment; filename="', {"filename": ""}),
        ("text/plain", {}),
    ],
)
def test_parameters_are_read_in_every_notation(header, found):
    assert mime.parameters(header) == found


def test_a_text_in_another_character_set_becomes_utf_8():
    data = "Content-Type: text/plain; charset=latin-1\n\nnaïve".encode("latin-1")
    assert mime.content(mime.read(data)) == "naïve".encode()
    assert mime.content(mime.read(data.replace(b"latin-1", b"no-such"))) == "naïve".encode("latin-1")


def test_damaged_base64_is_named_and_missing_padding_is_not_damage():
    head = b"Content-Transfer-Encoding: base64\n\n"
    assert mime.content(mime.read(head + b"aGVsbG8")) == b"hello"
    with pytest.raises(BadPart, match="base64 is damaged"):
        mime.content(mime.read(head + b"aGVsb"))


def test_what_cannot_be_opened_leaves_its_siblings_alone():
    data = (
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; boundary=c\n\nnothing\n"
        b"--b\nContent-Type: multipart/mixed\n\nnothing\n--b\n\nlast\n--b--\n"
    )
    first, second, last = opened(data)
    assert "boundary occurs nowhere" in first.reason
    assert "names no boundary" in second.reason
    assert last.body == b"last"


def test_a_message_of_5000_levels_ends_in_a_clear_error():
    data = b"MIME-Version: 1.0\n"
    for level in range(5000):
        data += b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (level, level)
    [problem] = opened(data)
    assert "too many containers" in problem.reason


def test_a_message_is_told_by_its_first_bytes():
    assert kinds.is_message(b"X: y\nMime-Version: 1.0\n")
    assert kinds.is_message(b"content-type: multipart/mixed; boundary=b\n")
    assert not kinds.is_message(b"#!/bin/sh\n" + b" " * 4096 + b"mime-version:")
