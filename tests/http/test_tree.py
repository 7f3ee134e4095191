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
    "/m/iam/": "info\nsecurity-credentials/",
    "/m/iam/info": "x",
    "/m/public-keys/": "0=ops\n1=dev",
    "/m/public-keys/0/openssh-key": "ssh-rsa A",
    "/m/public-keys/1/openssh-key": "ssh-rsa B",
}


def find_all(paths):
    return [LEAVES[path].encode() if path in LEAVES else None for path in paths]


def test_a_tree_is_read_as_nested_mappings():
    assert walk(find_all, "/m/") == {
        "id": "i-1",
        "list": ["a", "b"],
        "folder": {"json": {"a": [1]}, "name with = and %": "x", "broken": "{not json}"},
        "iam": {"info": "x"},
        "public-keys": {"ops": "ssh-rsa A", "dev": "ssh-rsa B"},
    }


def test_a_tree_that_is_not_there_is_missing():
    with pytest.raises(Missing):
        walk(find_all, "/other/")


@pytest.mark.parametrize("listing", ["more/", "\n".join(f"x{i}" for i in range(5000))])
def test_a_tree_without_end_is_given_up(listing):
    with pytest.raises(Unreachable, match="tree"):
        walk(lambda paths: [listing.encode() if path.endswith("/") else b"x" for path in paths], "/m/")


def test_a_tree_takes_as_many_rounds_as_it_has_levels_and_nothing_is_asked_for_twice():
    rounds = []

    def asked(paths):
        rounds.append(list(paths))
        return find_all(paths)

    walk(asked, "/m/", {"/m/folder/": LEAVES["/m/folder/"].encode()})
    assert [len(paths) for paths in rounds] == [1, 8, 3]  # the top; six below it and what is in the folder; keys
    assert len({path for paths in rounds for path in paths}) == 12
