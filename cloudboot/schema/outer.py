"""Top-level keys that belong to no module: how documents merge, where events and output go, what an image runs."""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING, Noun, option
from cloudboot.schema.containers import AnyOf, ListOf, MapOf, Record, keys_of
from cloudboot.schema.problem import Problem
from cloudboot.schema.scalars import Anything, Choice, Int, Number, Shape, Text, Uri

if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Tuple

    from cloudboot.schema.problem import Path

SETTINGS = ("allow_delete", "no_replace", "replace", "append", "prepend", "recurse_dict", "recurse_list",
            "recurse_array", "recurse_str")  # fmt: skip


class Merger(Noun):
    name: str = option(Choice("list", "dict", "str"), required=True, help="the type of value it merges")
    settings: Tuple[str, ...] = option(ListOf(Choice(*SETTINGS)), required=True, help="how")


MERGING = AnyOf(Text, ListOf(Merger, least=1))


class Written(Noun):
    type: str = option(Choice("log"), required=True, help="each event is a line of the log")
    level: str = option(
        Choice("DEBUG", "INFO", "WARN", "ERROR", "FATAL"), default="DEBUG", help="the level of the line"
    )


class Printed(Noun):
    type: str = option(Choice("print"), required=True, help="each event is a line on standard output")


class Webhook(Noun):
    type: str = option(Choice("webhook"), required=True, help="each event is posted as JSON")
    endpoint: str = option(Uri, required=True, help="where to")
    consumer_key: Optional[str] = option(Text, help="OAuth 1.0 consumer key")
    token_key: Optional[str] = option(Text, help="OAuth 1.0 token")
    token_secret: Optional[str] = option(Text, help="OAuth 1.0 token secret")
    consumer_secret: Optional[str] = option(Text, help="OAuth 1.0 consumer secret")
    timeout: Optional[float] = option(Number(least=0), help="seconds for each post")
    retries: Optional[int] = option(Int(least=0), help="how often a failed post is repeated")


class HyperV(Noun):
    type: str = option(Choice("hyperv"), required=True, help="each event is a record for the Hyper-V host")
    event_types: Optional[Tuple[str, ...]] = option(ListOf(Text), help="only events of these types")
    kvp_file_path: str = option(Text, default="/var/lib/hyperv/.kvp_pool_1", help="the file that the host reads")


KINDS = {"log": Written, "print": Printed, "webhook": Webhook, "hyperv": HyperV}


class Reporter(Shape):
    """A mapping whose ``type`` says which other keys there are."""

    says = "a mapping"

    def parse(self, value: Any, path: Path, found: List[Problem]) -> Any:
        if not isinstance(value, dict):
            return self.bad(value, path, found)
        noun = KINDS.get(str(value.get("type")))
        if noun is not None:
            return Record(noun).parse(value, path, found)
        if "type" not in value:
            found.append(Problem(path, "type is missing", f"add type: {' or '.join(KINDS)}"))
        else:
            Choice(*KINDS).parse(value["type"], (*path, "type"), found)
        return None

    def schema(self) -> Dict[str, Any]:
        return {"oneOf": [Record(noun).schema() for noun in KINDS.values()]}


class Streams(Noun):
    output: Optional[str] = option(Text, help="where standard output goes")
    error: Optional[str] = option(Text, help="where standard error goes")


STREAM = AnyOf(Text, ListOf(Text, least=2, most=2), Streams)


class Output(Noun):
    all: Any = option(STREAM, help="of every stage")
    init: Any = option(STREAM, help="of the local and network stages")
    config: Any = option(STREAM, help="of the config stage")
    final: Any = option(STREAM, help="of the final stage")


RUNS = ListOf(AnyOf(Text, ListOf(Anything), MapOf(Anything)))


class PlugIns(Noun):
    datasources: Tuple[str, ...] = option(ListOf(Text), default=(), help="Python modules that declare a datasource")
    modules: Tuple[str, ...] = option(ListOf(Text), default=(), help="Python modules that declare a module")


class Outer(Noun):
    cloud_init_modules: Any = option(RUNS, help="the modules of the network stage, in an image's configuration")
    cloud_config_modules: Any = option(RUNS, help="the modules of the config stage, in an image's configuration")
    cloud_final_modules: Any = option(RUNS, help="the modules of the final stage, in an image's configuration")
    launch_index: Optional[int] = option(
        Int, key="launch-index", help="the part is for the machine of this number only, of those launched together"
    )
    merge_how: Any = option(MERGING, help="how this document goes together with those before it")
    merge_type: Any = option(MERGING, help="an older name of merge_how")
    system_info: Any = option(
        MapOf(Anything), since="24.2", instead="the image's own configuration", help="the distribution and its user"
    )
    plug_ins: Any = option(Record(PlugIns), help="what others wrote and an image has, in its own configuration")
    reporting: Any = option(MapOf(Reporter()), help="who is told of what happens, by names of your choice")
    output: Any = option(Record(Output), help="where the output of each stage goes, as a shell would redirect it")
    version: Any = option(Anything, help="nothing; some documents carry it")


LISTS = ("cloud_init_modules", "cloud_config_modules", "cloud_final_modules")
KEYS = tuple(keys_of(Outer))
"""What else may stand at the top of a cloud-config."""
