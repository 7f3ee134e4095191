"""chef: install the Chef client, tell it who its server is and what this machine is to become, and let it run.

    chef:
      install_type: packages
      server_url: https://chef.example.org:4000
      validation_name: example-validator
      validation_cert: |
        -----BEGIN RSA PRIVATE KEY-----
        YOUR-ORGS-VALIDATION-KEY-HERE
        -----END RSA PRIVATE KEY-----
      environment: production
      run_list: ["recipe[apache2]", "role[db]"]
      initial_attributes:
        apache: {keepalive: false, prefork: {maxclients: 100}}
      ssl_verify_mode: ":verify_peer"
      exec: true
      delete_validation_post_exec: true

Every boot writes client.rb, and the run list and attributes of the first run to ``firstboot_path``, root's alone.
``server_url`` and ``validation_name`` have to be there. ``validation_cert`` is the key that lets a new machine
register, written to ``validation_key``; ``system`` is for one that the image has there already. ``node_name`` is the
instance's id where nothing is said. Where no chef-client is installed, or with ``force_install``, ``install_type``
says how it comes: packages, gems or omnibus (the maker's own script). ``exec`` starts it, by default as a daemon that
runs every half hour; for gems it starts in the first boot unless ``exec`` is false. ``delete_validation_post_exec``
takes the validation key away once it has been used.

``ssl_verify_mode`` is :verify_none where nothing is said, because older documents count on it: whoever can, writes
:verify_peer.
"""

from __future__ import annotations

from posixpath import dirname

from cloudboot.admin import installers, packages
from cloudboot.errors import CloudbootError
from cloudboot.module import Boot, Every, Module, Stage
from cloudboot.noun import TYPE_CHECKING, Noun, option
from cloudboot.schema import AnyOf, Anything, Bool, Choice, Int, ListOf, MapOf, SecretText, Text
from cloudboot.system.door import System

if TYPE_CHECKING:
    from typing import Any, Mapping, Optional, Tuple, Union

    from cloudboot.values import Secret

OMNIBUS_URL = "https://www.chef.io/chef/install.sh"
FOLDERS = ("/etc/chef", "/var/log/chef", "/var/lib/chef", "/var/chef/cache", "/var/chef/backup", "/var/run/chef")
AS_DAEMON = ("-d", "-i", "1800", "-s", "20")
RUN_SECONDS = 3600.0
LICENSES = ("accept", "accept-silent", "accept-no-persist")


class Options(Noun):
    _least = 1
    server_url: Optional[str] = option(Text, default=None, help="the server")
    validation_name: Optional[str] = option(Text, default=None, help="the client that registers new machines")
    validation_cert: Optional[Secret] = option(SecretText, default=None, help="its key in PEM, or system")
    validation_key: str = option(Text, default="/etc/chef/validation.pem", help="the file of that key")
    client_key: str = option(Text, default="/etc/chef/client.pem", help="the file of this machine's own key")
    node_name: Optional[str] = option(Text, default=None, help="this machine's name, else the instance's id")
    environment: str = option(Text, default="_default", help="its environment")
    run_list: Tuple[str, ...] = option(ListOf(Text), default=(), help="recipes and roles of the first run")
    initial_attributes: Mapping[str, Any] = option(MapOf(Anything), default={}, help="attributes of the first run")
    firstboot_path: str = option(Text, default="/etc/chef/firstboot.json", help="the file of both")
    json_attribs: Optional[str] = option(Text, default=None, help="the file that Chef reads them from, if another")
    config_path: str = option(Text, default="/etc/chef/client.rb", help="the file of its configuration")
    directories: Tuple[str, ...] = option(ListOf(Text, least=1, unique=True), default=FOLDERS, help="folders to make")
    encrypted_data_bag_secret: Optional[str] = option(Text, default=None, help="the file of the secret of data bags")
    file_backup_path: str = option(Text, default="/var/chef/backup", help="folder of backups")
    file_cache_path: str = option(Text, default="/var/chef/cache", help="folder of cached files")
    log_level: str = option(Text, default=":info", help="how much it logs, such as :info")
    log_location: str = option(Text, default="/var/log/chef/client.log", help="where to")
    pid_file: str = option(Text, default="/var/run/chef/client.pid", help="the file of its process number")
    show_time: bool = option(Bool, default=True, help="the time in each line of its log")
    ssl_verify_mode: str = option(Text, default=":verify_none", help=":verify_peer or :verify_none")
    chef_license: Optional[str] = option(Choice(*LICENSES), default=None, help="whether its license is accepted")
    install_type: str = option(Choice("packages", "gems", "omnibus"), default="packages", help="how it is installed")
    force_install: bool = option(Bool, default=False, help="install it even where it is there")
    version: str = option(Text, default="", help="for gems: the version, else the newest")
    omnibus_url: str = option(Text, default=OMNIBUS_URL, help="for omnibus: where the script is")
    omnibus_url_retries: int = option(Int, default=5, help="for omnibus: how often to try to fetch it")
    omnibus_version: str = option(Text, default="", help="for omnibus: the version, else the newest")
    exec: Optional[bool] = option(Bool, default=None, help="run chef-client now")
    exec_arguments: Union[str, Tuple[str, ...]] = option(
        AnyOf(ListOf(Text), Text), default=AS_DAEMON, help="the words after chef-client"
    )
    delete_validation_post_exec: bool = option(Bool, default=False, help="remove the validation key after that run")


def apply(system: System, options: Options, boot: Boot) -> None:
    for key in ("server_url", "validation_name"):
        if not options.items()[key]:
            raise CloudbootError(f"chef.{key} is missing, and Chef cannot work without", f"add {key}: text")
    _configure(system, options, boot)
    if options.force_install or not system.which("chef-client"):
        _install(system, options, boot)
    if options.exec or (options.exec is None and options.install_type == "gems" and boot.first):
        words = options.exec_arguments.split() if isinstance(options.exec_arguments, str) else options.exec_arguments
        done = system.run("chef-client", *words, timeout=RUN_SECONDS, stream=True, machine=True)
        if options.delete_validation_post_exec and not done.left:
            system.remove(options.validation_key)


def _configure(system: System, options: Options, boot: Boot) -> None:
    files = (options.client_key, options.log_location, options.pid_file)
    made = (*options.directories, options.file_cache_path, options.file_backup_path, *(dirname(f) for f in files))
    for folder in dict.fromkeys(made):
        if folder.startswith("/"):
            system.mkdir(folder)
    key = options.validation_cert
    if key and key.reveal() != "system":
        system.write(options.validation_key, key.reveal(), mode=0o600, secret=True)
    elif key and not system.exists(options.validation_key):
        system.warn("chef.validation_cert says that the image has the key, and there is none at chef.validation_key")
    system.write(options.config_path, _client_rb(options, boot))
    from cloudboot import json

    first = {**({"run_list": list(options.run_list)} if options.run_list else {}), **options.initial_attributes}
    system.write(options.firstboot_path, json.dumps(first, indent=2) + "\n", mode=0o600, secret=True)


def _client_rb(options: Options, boot: Boot) -> str:
    texts = {
        "log_location": options.log_location,
        "validation_client_name": options.validation_name,
        "validation_key": options.validation_key if options.validation_cert else None,
        "client_key": options.client_key,
        "chef_server_url": options.server_url,
        "environment": options.environment,
        "node_name": options.node_name or boot.instance.id,
        "json_attribs": options.json_attribs or options.firstboot_path,
        "file_cache_path": options.file_cache_path,
        "file_backup_path": options.file_backup_path,
        "pid_file": options.pid_file,
        "encrypted_data_bag_secret": options.encrypted_data_bag_secret,
        "chef_license": options.chef_license,
    }
    symbols = {"log_level": options.log_level, "ssl_verify_mode": options.ssl_verify_mode}
    values = {name: _symbol(value) for name, value in symbols.items()}
    values.update((name, _ruby(value)) for name, value in texts.items() if value)
    lines = [f"{name:<22} {value}" for name, value in values.items()]
    lines.append(f"Chef::Log::Formatter.show_time = {str(options.show_time).lower()}")
    return "# Written by cloudboot for chef.\n" + "".join(line + "\n" for line in lines)


def _ruby(text: str) -> str:
    """A text as Ruby reads it back: none of it is code."""
    for special in '\\"#':
        text = text.replace(special, f"\\{special}")
    return f'"{text}"'


def _symbol(text: str) -> str:
    """A name as a symbol of Ruby, with its colon or without; anything else is no more than a text."""
    name = text.lstrip(":")
    return f":{name}" if name.replace("_", "").isalnum() else _ruby(text)


def _install(system: System, options: Options, boot: Boot) -> None:
    if options.install_type == "packages":
        packages.ensure(system, boot.host.os, "chef")
    elif options.install_type == "gems":
        installers.install_gem(system, boot.host.os, "chef", options.version)
    else:
        words = ("-v", options.omnibus_version) if options.omnibus_version else ()
        path = f"{boot.folder}/chef-install"
        installers.run_script(system, options.omnibus_url, path, *words, tries=max(1, options.omnibus_url_retries))


MODULE = Module("chef", Stage.FINAL, Every.BOOT, Options, apply, key="chef", after=("puppet",))
