"""puppet: install Puppet, tell it who its server is and who this machine is, and let it run.

    puppet:
      install_type: packages
      conf:
        agent:
          server: puppetserver.example.org
          certname: "%i.%f"
        ca_cert: |
          -----BEGIN CERTIFICATE-----
          MIICCTCCAXKgAwIBAgIBATANBgkqhkiG9w0BAQUFADANMQswCQYDVQQDDAJjYTAe
          -----END CERTIFICATE-----
      csr_attributes:
        custom_attributes:
          1.2.840.113549.1.9.7: 342thbjkt82094y0uthhor289jnqthpc2290
        extension_requests:
          pp_uuid: ED803750-E3C7-44F5-BB08-41A04433FE2E
          pp_image_name: web-2024-06
      exec: true
      exec_args: [--test]

Proof of identity: what stands in ``csr_attributes`` goes into the request by which the agent asks for its certificate.
A server with policy-based autosigning can demand a token there (a custom attribute, which is not kept) that whoever
created the machine has given it, and so sign only the machines that it expects; the extensions stay in the certificate
as trusted facts. Attributes, CA certificate and puppet.conf are in place before the agent runs, and the file of
attributes is root's alone.

``install_type`` is packages (puppet-agent, or puppet where that has no such name), aio (the maker's own script) or
gems. In ``conf``, ``%i`` of a certname is the instance's id and ``%f`` its full name, both in lower case; settings that
are there already and not named stay. ``exec`` runs the agent once and waits; its statuses 0 and 2 (something was
changed) are both well. ``start_service`` has it run from now on. Where the files are is asked of Puppet itself.
"""

from __future__ import annotations

from cloudboot.admin import hostname, installers, packages, services, settings_text
from cloudboot.admin.packages import Package
from cloudboot.module import Boot, Every, Module, Stage
from cloudboot.noun import TYPE_CHECKING, Noun, option
from cloudboot.schema import Anything, Bool, Choice, ListOf, MapOf, Text
from cloudboot.system.door import System, failure

if TYPE_CHECKING:
    from typing import Any, Dict, Mapping, Optional, Tuple

AIO_URL = "https://raw.githubusercontent.com/puppetlabs/install-puppet/main/install.sh"
AIO_PROGRAM, AIO_FOLDER = "/opt/puppetlabs/bin/puppet", "/etc/puppetlabs/puppet"
PACKAGES = ("puppet-agent", "puppet")
RUN_SECONDS = 3600.0
DETAILED = ("--test", "-t", "--detailed-exitcodes")
UNIT = "/etc/systemd/system/puppet.service"
UNIT_TEXT = """[Unit]
Description=Puppet agent
Wants=network-online.target
After=network-online.target

[Service]
ExecStart=/usr/local/bin/puppet agent --no-daemonize
KillMode=process

[Install]
WantedBy=multi-user.target
"""
SETTINGS = MapOf(Anything)


class Conf(Noun):
    main: Mapping[str, Any] = option(SETTINGS, default={}, help="settings of all of Puppet")
    server: Mapping[str, Any] = option(SETTINGS, default={}, help="settings of its server")
    agent: Mapping[str, Any] = option(SETTINGS, default={}, help="settings of the agent")
    user: Mapping[str, Any] = option(SETTINGS, default={}, help="settings of puppet apply")
    ca_cert: Optional[str] = option(
        Text, default=None, help="the certificate of the authority that signs for the server, in PEM"
    )


class Request(Noun):
    custom_attributes: Mapping[str, Any] = option(SETTINGS, default={}, help="by OID; read by the server, then gone")
    extension_requests: Mapping[str, Any] = option(SETTINGS, default={}, help="by OID or name; kept in the certificate")


class Options(Noun):
    install: bool = option(Bool, default=True, help="install Puppet")
    version: Optional[str] = option(Text, default=None, help="the version to install, the newest where nothing is said")
    install_type: str = option(
        Choice("packages", "aio", "gems"),
        default="packages",
        help="install from packages, by the maker's script, or gems",
    )
    collection: Optional[str] = option(Text, default=None, help="for aio: the maker's repository, such as puppet7")
    aio_install_url: str = option(Text, default=AIO_URL, help="for aio: where the script is")
    cleanup: bool = option(Bool, default=True, help="for aio: remove the maker's repository afterwards")
    conf_file: Optional[str] = option(Text, default=None, help="path of puppet.conf, where Puppet says nothing better")
    ssl_dir: Optional[str] = option(Text, default=None, help="folder of keys and certificates")
    csr_attributes_path: Optional[str] = option(Text, default=None, help="path of csr_attributes.yaml")
    package_name: Optional[str] = option(
        Text, default=None, help="the package, puppet-agent or puppet where nothing is said"
    )
    exec: bool = option(Bool, default=False, help="run the agent once now")
    exec_args: Tuple[str, ...] = option(ListOf(Text), default=("--test",), help="words after puppet agent for that run")
    start_service: bool = option(Bool, default=True, help="run the agent as a service from now on")
    conf: Conf = option(Conf, default=Conf(), help="settings of puppet.conf by section")
    csr_attributes: Optional[Request] = option(
        Request, default=None, help="what the certificate request says beside the name"
    )


def apply(system: System, options: Options, boot: Boot) -> None:
    if options.install:
        _install(system, options, boot)
    elif options.version:
        system.warn("puppet.version does nothing without puppet.install")
    puppet = _program(system, options)
    _configure(system, options, boot, puppet)
    if options.start_service:
        services.enable(system, boot.host.os, "puppet")
    if options.exec:
        done = system.run(puppet, "agent", *options.exec_args, timeout=RUN_SECONDS, stream=True, check=False,
                          machine=True)  # fmt: skip
        fine = (0, 2) if any(word in DETAILED for word in options.exec_args) else (0,)
        if done.code not in fine:
            raise failure(("puppet agent",), done)
    if options.start_service:
        services.restart(system, boot.host.os, "puppet")


def _install(system: System, options: Options, boot: Boot) -> None:
    version = options.version or ""
    if options.install_type == "packages":
        names = (options.package_name,) if options.package_name else PACKAGES
        packages.ensure_first(system, boot.host.os, *(Package(name, version) for name in names))
    elif options.install_type == "aio":
        words = [*(("-v", version) if version else ()), *(("-c", options.collection) if options.collection else ())]
        words += ["--cleanup"] if options.cleanup else []
        installers.run_script(system, options.aio_install_url, f"{boot.folder}/puppet-install", *words)
    else:
        installers.install_gem(system, boot.host.os, options.package_name or "puppet", version)
        if options.start_service and system.which("systemctl"):  # a gem brings no service
            system.write(UNIT, UNIT_TEXT)


def _program(system: System, options: Options) -> str:
    """The maker's own packages keep it off the path."""
    if options.install_type == "aio" or (not system.which("puppet") and system.exists(AIO_PROGRAM)):
        return AIO_PROGRAM
    return "puppet"


def _configure(system: System, options: Options, boot: Boot, puppet: str) -> None:
    """Writes the proof of identity first, then what would let the agent send it."""
    places = _places(system, options, puppet)
    if options.csr_attributes is not None:
        from cloudboot.userdata import document

        given = {name: dict(values) for name, values in options.csr_attributes.items().items() if values}
        system.write(places["csr_attributes"], document.dump(given), mode=0o600, secret=True)
    if options.conf.ca_cert:
        system.mkdir(places["ssldir"], mode=0o771)
        system.write(f"{places['ssldir']}/certs/ca.pem", options.conf.ca_cert.rstrip("\n") + "\n")
    sections = {name: _settings(system, values, boot) for name, values in options.conf.items().items()
                if name != "ca_cert"}  # fmt: skip
    if any(sections.values()):
        path = places["config"]
        system.write(path, settings_text.with_settings(system.text(path) or "", sections))


def _places(system: System, options: Options, puppet: str) -> Dict[str, str]:
    """Where things are: what the document says, else what Puppet itself does, else what its makers say."""
    debian = puppet == "puppet" and options.install_type == "packages"
    folder = "/etc/puppet" if debian else AIO_FOLDER
    places = {"config": f"{folder}/puppet.conf", "csr_attributes": f"{folder}/csr_attributes.yaml",
              "ssldir": "/var/lib/puppet/ssl" if debian else f"{folder}/ssl"}  # fmt: skip
    mine = {**options.conf.main, **options.conf.agent}
    told = {"config": options.conf_file, "csr_attributes": options.csr_attributes_path or mine.get("csr_attributes"),
            "ssldir": options.ssl_dir or mine.get("ssldir")}  # fmt: skip
    told = {name: path if str(path).startswith("/") else None for name, path in told.items()}
    if not all(told.values()):
        done = system.query(puppet, "config", "print", *places, timeout=60.0)
        for line in done.stdout.decode("utf-8", "replace").splitlines() if not done.code else ():
            name, _, value = line.partition(" = ")
            if name in places and value.startswith("/"):
                places[name] = value.strip()
    return {name: (told[name] or place).rstrip("/") for name, place in places.items()}


def _settings(system: System, given: Mapping[str, Any], boot: Boot) -> Dict[str, str]:
    values = {name: settings_text.spelled(value) for name, value in given.items()}
    if "certname" in values:
        names = hostname.names(boot.config, boot.instance)
        full = names.full or names.short or hostname.current(system, boot.host.os)
        values["certname"] = values["certname"].replace("%f", full).replace("%i", boot.instance.id)
        values["certname"] = values["certname"].strip(".").lower()  # what has no full name has no domain either
    return values


MODULE = Module("puppet", Stage.FINAL, Every.INSTANCE, Options, apply, key="puppet", after=("write_files_deferred",))
