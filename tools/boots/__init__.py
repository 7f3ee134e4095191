"""Real boots of cloudboot: Debian trees, disks, seeds, machines under QEMU and containers under systemd-nspawn.

Standard library only: `tools/boot-vm` runs on a bare machine.
"""
