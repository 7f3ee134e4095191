import subprocess
import sys

START = "import sys; sys.path.insert(0, '.'); from cloudboot import packages; packages.use(); "


def said(code):
    done = subprocess.run([sys.executable, "-I", "-S", "-c", START + code], capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_other_peoples_packages_are_found_when_one_is_asked_for():
    assert said("print('site' in sys.modules); import yaml; print(yaml.safe_load('[1]'), 'site' in sys.modules)") == [
        "False", "[1]", "True"]  # fmt: skip


def test_a_document_is_read_by_the_binding_alone():
    code = "from cloudboot.userdata.document import load; print(load('a: [1]'), 'yaml.resolver' in sys.modules)"
    assert said(code) == ["{'a':", "[1]}", "False"]


def test_a_name_that_nobody_knows_is_not_there_and_neither_is_a_part_of_ours():
    code = (
        "\ntry: import nobody_has_this\nexcept ModuleNotFoundError as missing: print(missing.name)"
        "\ntry: from cloudboot import nobody\nexcept ImportError: print('none')"
    )
    assert said(code) == ["nobody_has_this", "none"]


def test_a_python_with_its_packages_stays_as_it_is():
    code = f"import sys; was = list(sys.meta_path); {START} print(sys.meta_path == was)"
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"
