import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudboot.errors import Invalid, Missing, Unreachable
from cloudboot.seed import Seed, address, filled, inline, instance, joined, read_seed, reader, said
from cloudboot.values import Dmi

FILES = {"meta-data": b"instance-id: i-1\n", "user-data": b"#cloud-config\n"}


def no_warning(text):
    pytest.fail(text)


def test_a_seed_is_read_from_its_four_files():
    files = {**FILES, "vendor-data": b"v", "network-config": b"network:\n  version: 2\n"}
    seed = read_seed(files.get, "/seed/", no_warning)
    assert seed == Seed({"instance-id": "i-1"}, b"#cloud-config\n", b"v", {"version": 2}, ("/seed/",))


@pytest.mark.parametrize("name", FILES)
def test_a_seed_without_meta_data_or_user_data_is_none(name):
    assert read_seed({n: d for n, d in FILES.items() if n != name}.get, "/seed/", no_warning) is None


@pytest.mark.parametrize("id", [[1], {"a": "b"}, True])
def test_an_id_that_is_no_text_is_refused_with_where_and_what_would_be_right(id):
    with pytest.raises(Invalid, match="instance-id in the meta-data of /seed is no text; write a text or a number"):
        instance(Seed({"instance-id": id}, found=("/seed/",)))


def test_a_number_is_an_id():
    assert instance(Seed({"instance-id": 17})).id == "17"


def test_empty_meta_data_is_a_seed_that_says_nothing():
    assert read_seed({"meta-data": b"", "user-data": b""}.get, "", no_warning) == Seed({}, b"", None, None, ("",))


@pytest.mark.parametrize("text", [b"just text", b"- 1", b"a: [", b"\xff\xfe"])
def test_meta_data_that_is_no_mapping_is_refused_with_its_place(text):
    with pytest.raises(Invalid, match="^/seed/meta-data"):
        read_seed({**FILES, "meta-data": text}.get, "/seed/", no_warning)


@pytest.mark.parametrize("text", [b"just text", b"- 1", b"a: ["])
def test_a_network_that_cannot_be_read_does_not_cost_the_seed(text):
    warnings = []
    seed = read_seed({**FILES, "network-config": text}.get, "/seed/", warnings.append)
    assert seed.network is None and seed.user_data == b"#cloud-config\n"
    assert "network configuration is left out: /seed/network-config" in warnings[0]


ENI = "network-interfaces: |\n  auto eth0\n  iface eth0 inet static\n    address 192.0.2.10/24\n"


def test_interfaces_in_meta_data_still_describe_the_network():
    warnings = []
    seed = read_seed({**FILES, "meta-data": ENI.encode()}.get, "/seed/", warnings.append)
    assert seed.network["version"] == 1
    (device,) = seed.network["config"]
    assert (device["name"], device["subnets"][0]["address"]) == ("eth0", "192.0.2.10/24")
    assert warnings == ["network-interfaces in meta-data: it is deprecated; write a network-config"]


def test_a_network_config_wins_over_interfaces_in_meta_data():
    files = {**FILES, "meta-data": ENI.encode(), "network-config": b"version: 2"}
    assert read_seed(files.get, "/seed/", no_warning).network == {"version": 2}


def test_interfaces_that_cannot_be_read_are_left_out():
    warnings = []
    files = {**FILES, "meta-data": b"network-interfaces: 'address 192.0.2.10'"}
    assert read_seed(files.get, "/seed/", warnings.append).network is None
    assert any("left out" in text for text in warnings)


def test_of_joined_seeds_the_first_meta_data_and_the_last_of_all_else_count():
    first = Seed({"a": 1, "m": {"x": 1}}, b"1", b"1", {"version": 1}, ("one",))
    assert first.over(Seed({"a": 2, "b": 2, "m": {"x": 2, "y": 2}}, b"", None, None, ("two",))) == Seed(
        {"a": 1, "b": 2, "m": {"x": 1, "y": 2}}, b"", b"1", {"version": 1}, ("one", "two")
    )


def test_a_seed_in_the_configuration_needs_both_and_may_be_text_or_mapping():
    assert inline({"user-data": "x"}, no_warning) is None and inline({"meta-data": ""}, no_warning) is None
    text = inline({"user-data": "u", "meta-data": "instance-id: i-2", "network-config": "version: 1"}, no_warning)
    assert text == Seed({"instance-id": "i-2"}, b"u", None, {"version": 1}, ("configuration",))
    plain = inline({"user-data": "u", "meta-data": {"a": 1}, "vendor-data": "v",
                    "network-config": {"network": {"version": 2}}}, no_warning)  # fmt: skip
    assert plain == Seed({"a": 1}, b"u", b"v", {"version": 2}, ("configuration",))


def test_a_seed_becomes_an_instance():
    told = {"instance-id": 42, "local-hostname": "web1.example.com", "public-keys": {"ops": "k1", "dev": ["k2", "k1"]},
            "region": "eu", "availability_zone": "eu-a", "cloud-name": "mine"}  # fmt: skip
    made = instance(Seed(told, b"u", b"v", {"version": 2}))
    assert (made.id, made.hostname, made.ssh_keys) == ("42", "web1.example.com", ("k1", "k2"))
    assert (made.user_data, made.vendor_data, made.network) == (b"u", (b"v",), {"version": 2})
    assert (made.region, made.availability_zone, made.cloud_name) == ("eu", "eu-a", "mine")
    assert made.metadata == told


@pytest.mark.parametrize("keys", ["k1\nk2", ["k1", "", "k2"], {"a": "k1", "b": "k2"}, {"a": ["k1"], "b": ["k2"]}])
def test_public_keys_come_in_several_shapes(keys):
    assert instance(Seed({"public-keys": keys})).ssh_keys == ("k1", "k2")


def test_a_seed_that_names_no_instance_is_called_nocloud():
    assert instance(Seed({"instance-id": None})).id == "nocloud"
    assert instance(Seed({}), "other").id == "other"


@pytest.mark.parametrize("id", ["a\nb", "x" * 256, ".."])
def test_an_id_that_cannot_name_a_folder_is_refused(id):
    with pytest.raises(Invalid, match="instance-id"):
        instance(Seed({"instance-id": id}))


@pytest.mark.parametrize(
    "source, place",
    [
        ("/seed", "/seed/user-data"),
        ("/seed/", "/seed/user-data"),
        ("http://x/%s.txt?v=%s", "http://x/user-data.txt?v=user-data"),
        ("http://x/y?file=", "http://x/y?file=user-data"),
        ("http://x", "http://x/user-data"),
    ],
)
def test_where_the_files_of_a_seed_are(source, place):
    assert address(source, "user-data") == place


def test_an_address_is_filled_with_what_the_firmware_says():
    warnings = []
    dmi = Dmi(product_serial="S1", product_uuid="U1")
    source = "http://x/__dmi.system-serial-number__/__dmi.system-uuid__/__dmi.bios-vendor__/"
    assert filled(source, dmi, no_warning) == "http://x/S1/U1//"
    for source in ("http://x/__dmi.shoe-size__/", "http://x/__dmi.system-uuid"):
        assert filled(source, dmi, warnings.append) == source
    assert "__dmi.shoe-size__" in warnings[0] and len(warnings) == 2


def test_files_at_a_path_are_read_and_at_an_address_fetched():
    local = {"/seed/user-data": b"l"}.get
    assert reader("/seed", local, None, no_warning)("user-data") == b"l"
    assert reader("file:///seed", local, None, no_warning)("user-data") == b"l"
    assert reader("https://x", None, {"https://x/user-data": b"r"}.__getitem__, no_warning)("user-data") == b"r"


def test_what_is_missing_at_an_address_is_none_and_other_trouble_only_matters_for_what_must_be_there():
    warnings = []

    def missing(url):
        raise Missing("404")

    def broken(url):
        raise Unreachable("500 oh dear")

    assert reader("http://x", None, missing, no_warning)("meta-data") is None
    assert reader("http://x", None, broken, warnings.append)("vendor-data") is None
    assert "vendor-data of the seed is left out: 500" in warnings[0]
    with pytest.raises(Unreachable):
        reader("http://x", None, broken, no_warning)("meta-data")


def test_where_a_seed_was_found_is_told_without_passwords():
    assert said(("cmdline", "http://me:pass@x/y?token=1/", "/")) == "cmdline, http://x/y?..., /"


TREES = st.recursive(st.integers(), lambda inner: st.dictionaries(st.sampled_from("abc"), inner), max_leaves=8)


@given(st.dictionaries(st.sampled_from("abc"), TREES), st.dictionaries(st.sampled_from("abc"), TREES))
def test_joining_keeps_all_of_the_first_and_joining_it_again_changes_nothing(first, later):
    both = joined(first, later)
    assert joined(both, later) == both and joined(first, both) == both and joined(first, {}) == first
    assert set(both) == set(first) | set(later)
