from modules import apk_configure
from tests import kit

MACHINE = {"os": "alpine"}
MODULE = apk_configure.MODULE
PATH = "/etc/apk/repositories"
IMAGE = "https://image.example/alpine/v3.20/main\n"


def repositories(tmp_path, config):
    machine = kit.Machine(tmp_path, files={PATH: IMAGE})
    kit.apply(MODULE, {"apk_repos": config}, machine, os="alpine")
    return [line for line in machine.text(PATH).splitlines() if not line.startswith("#")]


def test_main_alone_is_taken_where_no_more_is_said(tmp_path):
    found = repositories(tmp_path, {"alpine_repo": {"version": "v3.12"}})
    assert found == ["https://dl-cdn.alpinelinux.org/alpine/v3.12/main"]


def test_all_of_them_in_order(tmp_path):
    alpine = {"version": "v3.12", "base_url": "http://m/alpine/", "community_enabled": True, "testing_enabled": True}
    assert repositories(tmp_path, {"alpine_repo": alpine, "local_repo_base_url": "http://l/"}) == [
        "http://m/alpine/v3.12/main", "http://m/alpine/v3.12/community", "http://m/alpine/edge/testing",
        "http://l/v3.12"]  # fmt: skip


def test_a_local_repository_alone_is_added_for_this_version(tmp_path):
    assert repositories(tmp_path, {"local_repo_base_url": "http://l", "alpine_repo": None}) == [
        IMAGE.strip(), "http://l/v3.20"]  # fmt: skip


def test_a_list_to_be_preserved_is(tmp_path):
    config = {"preserve_repositories": True, "alpine_repo": {"version": "edge"}}
    assert repositories(tmp_path, config) == [IMAGE.strip()]
