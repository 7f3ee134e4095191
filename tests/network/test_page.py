"""The page on the network says what is so.

python -m tests.network.test_page       prints its table of what a target holds, as it is now
"""

import re
from pathlib import Path

import pytest
import yaml

from cloudboot.network import (
    HEADER,
    check_network_config,
    losses,
    parse,
    render,
    render_eni,
    render_network_manager,
    render_networkd,
    render_sysconfig,
    suse,
)
from cloudboot.network.fan import fans
from cloudboot.network.model import VIRTUAL, Target
from cloudboot.network.parse_v2 import OTHERS, SWITCHES, WORDS
from cloudboot.network.program import ORDER, PREFERRED
from cloudboot.network.source import ORDER as SOURCES

PAGE = (Path(__file__).parents[2] / "docs/network.md").read_text()
EXAMPLES = [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.S)]
TARGETS = {
    "ifupdown": (render_eni.HOLDS, render_eni.RANK),
    "networkd": (render_networkd.HOLDS, render_networkd.KINDS),
    "NetworkManager": (render_network_manager.HOLDS, render_network_manager.TYPES),
    "Red Hat": (render_sysconfig.HOLDS, render_sysconfig.TYPES),
    "SUSE": (suse.HOLDS, suse.KINDS),
}


def table():
    """The lines of the table: what every target holds is not in it."""
    rows = {f"{kind} devices": kind for kind in (*VIRTUAL, "wifi", "modem")}
    held = {name: {row for row in rows.values() if row in kinds} for name, (_, kinds) in TARGETS.items()}
    for start, keys in (("", losses.FIELDS), ("routes.", losses.ROUTES), ("subnets.", losses.SUBNETS)):
        rows.update({f"`{key}`" if not start else f"`{key}` of {start[:-1]}": f"{start}{field}"
                     for field, key in keys.items()})  # fmt: skip
    for family in ("dhcp4", "dhcp6"):
        rows.update({f"`{family}-overrides.{key}`": f"{family}.{key}"
                     for key in (*losses.ASIDE, "hostname", "route-metric")})  # fmt: skip
    rows.update({f"`{key}`": key for key in (*SWITCHES, *WORDS, *OTHERS)})
    lines = [f"| | {' | '.join(TARGETS)} |", f"|---|{'---|' * len(TARGETS)}"]
    for row, name in rows.items():
        said = [name in TARGETS[target][0] or name in held[target] for target in TARGETS]
        if not all(said):
            lines.append(f"| {row} | {' | '.join('yes' if yes else '-' for yes in said)} |")
    return lines


def test_the_table_says_what_the_renderers_hold():
    assert "\n".join(table()) in PAGE


def test_sources_and_renderers_stand_in_their_order():
    assert f"{'**, **'.join(SOURCES)}" in PAGE.replace("\n", " ")
    for name, order in {**PREFERRED, "any other": ORDER}.items():
        assert f"| {name} | {', '.join(order)} |" in PAGE


@pytest.mark.parametrize("document", EXAMPLES, ids=range(len(EXAMPLES)))
def test_every_example_is_right(document):
    assert check_network_config(document) == ()


def test_what_is_made_of_the_first_example_is_what_it_shows():
    [shown] = re.findall(r"```ini\n(.*?)```", PAGE, re.S)
    files = render("networkd", parse(EXAMPLES[0]), Target()).files
    assert shown == "\n".join(f"# {f.path}\n{f.content.decode().removeprefix(HEADER)}" for f in files)


def test_the_slice_of_its_fan_is_right():
    line, slice = re.search(r"^ +(\d.* dhcp)\n.*?has `([\d./]+)`", PAGE, re.S | re.M).groups()
    assert fans(line)[0].slice == slice


if __name__ == "__main__":
    print("\n".join(table()))
