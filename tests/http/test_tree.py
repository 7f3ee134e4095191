import pytest

from cloudboot.errors import Missing, Unreachable
from cloudboot.http.tree import walk

LEAVES = {
    "/m/": "id\nlist\nfolder/\npublic-keys/\niam/\nsecurity-credentials\ngone\n\n../\na/b\n..",
    "/m/id": "i-1\n",
    "/m/list": "a\r\nb",
    "/m/folder/": "json\nname with = and %\nbroken",
    "/m/folder/json": '{"a": [1]}',
    "/m/folder/broken": "{not json}",
    "/m/folder/name%20with%20=%20and%20%25": "x",
    "/m/public-keys/": "0=ops\n1=dev",
    "/m/public-keys/0/openssh-key": "ssh-rsa A",
    "/m/public-keys/1/openssh-key": "ssh-rsa B",
}


def get(path):
    if path not in LEAVES:
        raise Missing(path)
    return LEAVES[path].encode()


def test_a_tree_is_read_as_nested_mappings():
    assert walk(get, "/m/") == {
        "id": "i-1",
        "list": ["a", "b"],
        "folder": {"json": {"a": [1]}, "name with = and %": "x", "broken": "{not json}"},
        "public-keys": {"ops": "ssh-rsa A", "dev": "ssh-rsa B"},
    }


def test_a_tree_that_is_not_there_is_missing():
    with pytest.raises(Missing):
        walk(get, "/other/")


@pytest.mark.parametrize("listing", ["more/", "\n".join(f"x{i}" for i in range(5000))])
def test_a_tree_without_end_is_given_up(listing):
    with pytest.raises(Unreachable, match="tree"):
        walk(lambda path: listing.encode() if path.endswith("/") else b"x", "/m/")
