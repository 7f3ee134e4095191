"""Disks that are not there: the files that a kernel would show of them."""

MIB = 2048  # sectors


def sysfs(*disks, mounts=(), links=()):
    """Files of sysfs for disks such as ``("vda", 100, (1, 20), (21, 30))``: a name, a size, and the start and size of
    each partition, in MiB; ``mounts`` are (point, type, source)."""
    files = {}
    for number, (name, size, *parts) in enumerate(disks):
        files.update(_device(name, size, f"{250 + number}:0"))
        files[f"/sys/class/block/{name}/serial"] = f"serial-of-{name}\n"
        for n, (start, length) in enumerate(parts, 1):
            part = f"{name}{'p' if name[-1].isdigit() else ''}{n}"
            files.update(_device(part, length, f"{250 + number}:{n}"))
            files[f"/sys/class/block/{name}/{part}/partition"] = f"{n}\n"
            files[f"/sys/class/block/{part}/partition"] = f"{n}\n"
            files[f"/sys/class/block/{part}/start"] = f"{start * MIB}\n"
    lines = [
        f"{20 + i} 1 0:{i} / {at} rw,relatime - {kind} {source} rw\n" for i, (at, kind, source) in enumerate(mounts)
    ]
    return {**files, "/proc/self/mountinfo": "".join(lines)}


def mapped(name, kind, on, called):
    """Files of a device-mapper device ``name`` of a kind (CRYPT, LVM) that stands on another."""
    at = f"/sys/class/block/{name}"
    return {**_device(name, 10, "254:9"), f"{at}/dm/uuid": f"{kind}-xyz\n", f"{at}/dm/name": f"{called}\n",
            f"{at}/slaves/{on}/dev": ""}  # fmt: skip


def _device(name, size, dev):
    return {f"/sys/class/block/{name}/size": f"{size * MIB}\n", f"/sys/class/block/{name}/dev": f"{dev}\n",
            f"/dev/{name}": ""}  # fmt: skip
