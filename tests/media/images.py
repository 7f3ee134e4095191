"""Real images, made by the tools that make them for real machines."""

import os
import subprocess

from tests import needs

FILES = {
    "meta-data": b"instance-id: i-1\n",
    "user-data": b"#cloud-config\n" + b"# padding\n" * 3000,
    "openstack/latest/meta_data.json": b"{}",
    "a/b/c/deep file with a rather long name, blanks and ü.txt": b"deep",
    "empty": b"",
}


def folder(top, files=FILES):
    for name, content in files.items():
        path = top / os.fsdecode(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return top


def iso(tmp, *options, files=FILES):
    """An ISO 9660 image: genisoimage's options say with which names."""
    top, image = folder(tmp / "disc", files), tmp / "disc.iso"
    run("genisoimage", "-quiet", "-volid", "cidata", "-output", image, *options, top)
    return image


def xorriso(tmp, files=FILES, link=None):
    top, image = folder(tmp / "disc", files), tmp / "disc.iso"
    if link:
        (top / link[0]).symlink_to(link[1])
    run("xorriso", "-as", "mkisofs", "-quiet", "-V", "cidata", "-J", "-r", "-o", image, top)
    return image


def udf(tmp, files=FILES):
    """A UDF image: a bridge disc without the ISO 9660 half of its descriptors."""
    image = iso(tmp, "-udf", files=files)
    data = bytearray(image.read_bytes())
    for sector in range(16, 32):
        if data[sector * 2048 + 1 : sector * 2048 + 6] == b"CD001":
            data[sector * 2048 : sector * 2048 + 2048] = bytes(2048)
    image.write_bytes(data)
    return image


def fat(tmp, bits, label="cidata", files=FILES):
    """A FAT image of 12, 16 or 32 bits."""
    kib = {12: 1440, 16: 16 << 10, 32: 40 << 10}[bits]
    top, image = folder(tmp / "stick", files), tmp / "stick.img"
    run("mkfs.vfat", "-C", "-F", bits, "-s", 1, "-n", label, image, kib)
    run("mcopy", "-s", "-i", image, *sorted(top.iterdir()), "::")
    return image


def run(*argv):
    program = needs.program(argv[0])
    subprocess.run([program, *map(str, argv[1:])], check=True, capture_output=True, timeout=60,
                   env={**os.environ, "LC_ALL": "C.UTF-8"})  # fmt: skip
