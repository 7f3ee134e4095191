import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cloudboot.errors import Invalid
from cloudboot.media import MOST_READ, media, open_media
from tests.media import images

DEEP = "a/b/c/deep file with a rather long name, blanks and ü.txt"
MAKERS = {
    "rock ridge": lambda tmp: images.iso(tmp, "-rock"),
    "joliet": lambda tmp: images.iso(tmp, "-joliet"),
    "joliet and rock ridge": lambda tmp: images.iso(tmp, "-joliet", "-rock"),
    "xorriso": images.xorriso,
    "udf": images.udf,
    "fat12": lambda tmp: images.fat(tmp, 12),
    "fat16": lambda tmp: images.fat(tmp, 16),
    "fat32": lambda tmp: images.fat(tmp, 32),
}


class Image:
    """An image's bytes, some of them changed or cut off; short in a failure's report."""

    def __init__(self, data, changes=(), size=None):
        self.data, self.changes, self.size, self.total = data, dict(changes), size, 0

    def read_at(self, offset, length):
        assert offset >= 0 and 0 < length <= 16 << 20
        self.total += length
        end = min(offset + length, len(self.data) if self.size is None else self.size)
        piece = bytearray(self.data[offset:end])
        for place, value in self.changes.items():
            if offset <= place < offset + len(piece):
                piece[place - offset] = value
        return bytes(piece)


@pytest.fixture(scope="module", params=sorted(MAKERS))
def image(request, tmp_path_factory):
    return Image(MAKERS[request.param](tmp_path_factory.mktemp("image")).read_bytes())


def of(image):
    return media((image if isinstance(image, Image) else Image(image)).read_at)


def opened(path):
    fd = os.open(path, os.O_RDONLY)
    try:
        return open_media(fd), fd
    except BaseException:
        os.close(fd)
        raise


def test_a_real_image_gives_its_label_names_and_files(image):
    medium = of(image)
    assert medium.label == "cidata"
    assert medium.names() == ("a", "empty", "meta-data", "openstack", "user-data")
    assert medium.read("meta-data") == b"instance-id: i-1\n"
    assert medium.read("/user-data") == images.FILES["user-data"]
    assert medium.read("openstack/latest/meta_data.json") == b"{}"
    assert medium.read(DEEP) == b"deep"
    assert medium.read("empty") == b""


def test_what_is_not_there_is_none_and_a_folder_is_no_file(image):
    medium = of(image)
    assert medium.read("nothing") is None and medium.read("openstack") is None
    assert medium.read("meta-data/x") is None
    assert medium.names("meta-data") == () and medium.names("nothing/x") == ()


def test_names_are_found_whatever_their_case_and_paths_stay_inside(image):
    medium = of(image)
    assert medium.read("META-DATA") == medium.read("../../openstack/../meta-data") == b"instance-id: i-1\n"


def test_a_file_larger_than_asked_for_is_refused(image):
    with pytest.raises(Invalid, match="larger"):
        of(image).read("user-data", most=1024)


def test_an_image_is_read_from_a_descriptor(tmp_path):
    medium, fd = opened(images.xorriso(tmp_path))
    try:
        assert medium.read("meta-data") == b"instance-id: i-1\n"
    finally:
        os.close(fd)


def test_a_cut_image_says_that_it_was_not_copied_whole(image):
    middle = image.data.index(b"# padding") + 9000
    with pytest.raises(Invalid, match="was not copied whole"):
        of(Image(image.data, size=middle)).read("user-data")


@pytest.mark.parametrize("data", [b"", b"\0" * 65536, os.urandom(65536), b"\xeb\x3c\x90" + b"\0" * 507 + b"\x55\xaa"])
def test_what_is_no_medium_is_refused_with_a_way_out(data):
    with pytest.raises(Invalid, match="neither ISO 9660, UDF nor FAT; make the seed"):
        of(data)


def test_plain_iso_names_are_small_and_lose_their_version(tmp_path):
    medium = of(images.iso(tmp_path, files={"README.TXT": b"x", "sub/A.B": b"y"}).read_bytes())
    assert medium.names() == ("readme.txt", "sub")
    assert medium.read("sub/a.b") == b"y"


FAR = "openstack/latest/meta_data.json"


@pytest.mark.parametrize(
    "target", [FAR, f"./a/../{FAR}", f"/{FAR}", "openstack/" + "../openstack/" * 20 + "latest/meta_data.json"]
)
def test_links_of_rock_ridge_are_followed_on_the_disc(tmp_path, target):
    assert of(images.xorriso(tmp_path, link=("user", target)).read_bytes()).read("user") == b"{}"


def test_a_circle_of_links_is_refused(tmp_path):
    with pytest.raises(Invalid, match="too many links"):
        of(images.xorriso(tmp_path, link=("round", "round")).read_bytes()).read("round")


def test_very_long_rock_ridge_names_are_put_together(tmp_path):
    name = "n" * 240
    assert of(images.iso(tmp_path, "-rock", files={name: b"x"}).read_bytes()).names() == (name,)


def test_a_full_folder_of_many_names_is_read(tmp_path):
    files = {f"{i} is a file with a long name": b"" for i in range(300)}
    assert len(of(images.fat(tmp_path, 16, files={f"sub/{n}": b"" for n in files}).read_bytes()).names("sub")) == 300
    (tmp_path / "disc").mkdir()
    assert len(of(images.iso(tmp_path, "-rock", files=files).read_bytes()).names()) == 300


def test_a_fat_label_is_the_one_in_the_top_folder_else_the_boot_sectors(tmp_path):
    image = bytearray(images.fat(tmp_path, 16, label="CIDATA").read_bytes())
    assert of(image).label == "CIDATA"
    entry = image.index(b"CIDATA", 512)
    image[entry] = 0xE5
    assert of(bytes(image)).label == "CIDATA"
    boot = image.index(b"CIDATA")
    image[boot : boot + 11] = b"NO NAME    "
    assert of(bytes(image)).label == ""


def test_a_circle_of_clusters_ends(tmp_path):
    image = bytearray(images.fat(tmp_path, 16, files={f"sub/file {i}": b"x" * 2000 for i in range(20)}).read_bytes())
    table = int.from_bytes(image[14:16], "little") * 512
    for cluster in range(2, 4000):  # every cluster is followed by itself
        image[table + cluster * 2 : table + cluster * 2 + 2] = cluster.to_bytes(2, "little")
    medium = of(bytes(image))
    assert medium.names() == ("sub",)
    with pytest.raises(Invalid, match="more than 10000 names"):
        medium.names("sub")


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_image_is_read_or_refused_within_bounds(image, data):
    """Every byte that matters may be anything: nothing but `Invalid` comes out, and reading stays small."""
    last = len(image.data) - 1
    places = st.integers(0, 512) | st.integers(32768, 73728) | st.integers(0, last)
    changes = data.draw(st.dictionaries(places, st.integers(0, 255), max_size=24))
    damaged = Image(image.data, changes, data.draw(st.none() | st.integers(0, last)))
    try:
        medium = of(damaged)
        for path in ("meta-data", "user-data", DEEP):
            medium.read(path)
        medium.names("a/b")
    except Invalid:
        pass
    assert damaged.total <= MOST_READ
