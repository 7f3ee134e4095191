"""Is this a virtual machine or a container, and of what make? Names are those of systemd-detect-virt(1)."""

from __future__ import annotations

from cloudboot.host import ask
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from cloudboot.values import FileView, Host

CONTAINERS = {"container-other", "lxc", "lxc-libvirt", "systemd-nspawn", "docker", "podman", "rkt", "openvz", "proot",
              "pouch", "jail"}  # fmt: skip
VENDORS = (
    ("QEMU", "qemu"),
    ("KubeVirt", "kvm"),
    ("OpenStack", "kvm"),
    ("Amazon EC2", "amazon"),
    ("Google", "google"),
    ("VMware", "vmware"),
    ("innotek GmbH", "oracle"),
    ("Oracle Corporation", "oracle"),
    ("Xen", "xen"),
    ("Parallels", "parallels"),
    ("BHYVE", "bhyve"),
)


def virt(host: Host) -> str:
    import os

    told = os.environ.get("SYSTEMD_VIRTUALIZATION", "") if host.asks else ""  # systemd tells its generators
    if ":" in told:
        return told.partition(":")[2]
    name = marked(host.files)
    if name:
        return name
    code, out = ask(host, ("systemd-detect-virt",))
    name = out.strip()
    if name and (code == 0 or name == "none"):
        return name
    return _firmware(host.files)


def container(host: Host) -> bool:
    if marked(host.files):
        return True
    if host.files.has("/run/systemd/system"):  # it would have left a mark
        return False
    return host.virt in CONTAINERS


def marked(files: FileView) -> str:
    """The kind of container that left its mark in the files; empty where none did."""
    for path in ("/run/systemd/container", "/run/host/container-manager"):
        name = files.line(path)
        if name:
            return name if name in CONTAINERS else "container-other"
    for word in (files.read("/proc/1/environ") or b"").split(b"\0"):
        if word.startswith(b"container="):
            name = word[10:].decode("utf-8", "replace")
            return name if name in CONTAINERS else "container-other"
    if files.has("/.dockerenv"):
        return "docker"
    if files.has("/run/.containerenv"):
        return "podman"
    return "openvz" if files.has("/proc/vz") and not files.has("/proc/bc") else ""


def _firmware(files: FileView) -> str:
    if files.line("/sys/hypervisor/type") == "xen":
        return "xen"
    vendor, product = (files.line(f"/sys/class/dmi/id/{field}") for field in ("sys_vendor", "product_name"))
    if (vendor, product) == ("Microsoft Corporation", "Virtual Machine"):
        return "microsoft"
    for start, name in VENDORS:
        if vendor.startswith(start) or product.startswith(start):
            return name
    flags = (files.read("/proc/cpuinfo") or b"").partition(b"\nflags")[2].partition(b"\n")[0].split()
    return "vm-other" if b"hypervisor" in flags else "none"
