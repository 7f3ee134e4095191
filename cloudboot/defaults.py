"""What holds where nobody says anything: the built-in layer of the configuration, for each distribution."""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, Dict, Tuple

    from cloudboot.values import Os

SUDO = ["ALL=(ALL) NOPASSWD:ALL"]
USERS = {
    "debian": ("debian", "Debian", "/bin/bash", ("adm", "audio", "cdrom", "dialout", "dip", "floppy", "netdev",
                                                 "plugdev", "sudo", "video")),
    "ubuntu": ("ubuntu", "Ubuntu", "/bin/bash", ("adm", "cdrom", "dip", "lxd", "sudo")),
    "raspberry-pi-os": ("pi", "Raspberry Pi", "/bin/bash", ("adm", "audio", "dialout", "netdev", "sudo", "video")),
    "amzn": ("ec2-user", "EC2 Default User", "/bin/bash", ("wheel", "adm", "systemd-journal")),
    "rhel": ("cloud-user", "Cloud User", "/bin/bash", ("adm", "systemd-journal")),
    "centos": ("cloud-user", "Cloud User", "/bin/bash", ("adm", "systemd-journal")),
    "azurelinux": ("azureuser", "Azure Linux", "/bin/bash", ("wheel",)),
    "openmandriva": ("omv", "OpenMandriva", "/bin/bash", ("wheel", "users", "systemd-journal")),
    "alpine": ("alpine", "Alpine", "/bin/ash", ("adm", "wheel")),
    "arch": ("arch", "Arch", "/bin/bash", ("wheel", "users")),
    "gentoo": ("gentoo", "Gentoo", "/bin/bash", ("users", "wheel")),
}  # fmt: skip
"""Name, gecos, shell and groups of the account that `default` means, by os-release id."""
FAMILIES = {
    "debian": ("/bin/bash", ("adm", "cdrom", "dip", "sudo")),
    "redhat": ("/bin/bash", ("wheel", "adm", "systemd-journal")),
    "suse": ("/bin/bash", ("cdrom", "users")),
}
ALIASES = {"amazon": "amzn", "raspbian": "raspberry-pi-os", "mariner": "azurelinux"}
NO_PASSWORDS = ("redhat",)
"""Families whose images refuse passwords over SSH unless somebody says otherwise."""


def defaults(os: Os) -> Dict[str, Any]:
    """The weakest layer of the configuration."""
    name, gecos, shell, groups = default_user(os)
    user: Dict[str, Any] = {"name": name, "gecos": gecos, "shell": shell, "groups": list(groups),
                            "lock_passwd": True, "sudo": list(SUDO)}  # fmt: skip
    if os.id == "alpine":
        user["doas"] = [f"permit nopass {name}"]
    return {
        "users": ["default"],
        "disable_root": True,
        **({"ssh_pwauth": False} if os.family in NO_PASSWORDS else {}),
        "system_info": {"distro": os.id, "default_user": user},
        "vendor_data": {"enabled": True, "prefix": []},
        "vendor_data2": {"enabled": True, "prefix": []},
    }


def default_user(os: Os) -> Tuple[str, str, str, Tuple[str, ...]]:
    """Name, gecos, shell and groups of the account that `default` means."""
    known = USERS.get(ALIASES.get(os.id, os.id))
    if known is not None:
        return known
    shell, groups = FAMILIES.get(os.family, ("/bin/bash", ("wheel",)))
    return os.id.partition("-")[0], os.name or os.id, shell, groups
