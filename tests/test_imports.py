"""What a command may import: counted exactly, since every import is time on every machine's boot path."""

import subprocess
import sys

import pytest

HEAVY = {"yaml", "requests", "jinja2", "jsonpatch", "configobj", "subprocess", "argparse", "logging", "dataclasses",
         "typing", "email", "urllib.request", "http.client", "ssl", "tempfile", "shutil", "pathlib", "inspect",
         "importlib.metadata", "re", "json"}  # fmt: skip


def imported(*words):
    """The modules that a command line imports, beyond what a bare interpreter has."""
    code = "import sys; from cloudboot.cli import main; main(sys.argv[1:]); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, '.'); {code}", *words],
                          capture_output=True, text=True, check=True)  # fmt: skip
    bare = subprocess.run([sys.executable, "-I", "-c", "import sys; print(*sys.modules)"], capture_output=True,
                          text=True, check=True)  # fmt: skip
    return set(done.stderr.splitlines()[-1].split()) - set(bare.stdout.split())


@pytest.mark.parametrize("words", [["version"], ["features"], ["status"], ["version", "--help"]])
def test_a_short_command_imports_nothing_that_is_slow(words, tmp_path):
    assert imported("--root", str(tmp_path), *words) & HEAVY == set()


def test_a_boot_from_a_seed_without_urls_and_templates_imports_no_package_that_is_slow(tmp_path):
    for path, text in {"etc/os-release": "ID=debian\n", "etc/passwd": "root:x:0:0:root:/root:/bin/bash\n",
                       "proc/cmdline": "quiet\n", "var/lib/cloudboot/seed/nocloud/meta-data": "instance-id: i-1\n",
                       "var/lib/cloudboot/seed/nocloud/user-data":
                           "#cloud-config\nhostname: a\nlocale: C.UTF-8\ngroups: [{team: [alice]}]\n"
                           "users: [{name: alice, ssh_authorized_keys: [ssh-ed25519 AAAA a]}]\n"
                           "apt: {preserve_sources_list: true}\nssh_deletekeys: false\n"
                           "write_files: [{path: /a, content: b}]\nruncmd: [ls]\n",
                       }.items():  # fmt: skip
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    assert imported("--root", str(tmp_path), "boot") & HEAVY == set()
    assert imported("--root", str(tmp_path), "boot") & HEAVY == set()
