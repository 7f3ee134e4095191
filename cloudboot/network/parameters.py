"""The options of bonds and bridges, under each of the names that they go by."""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, Mapping

NUMBERED = {
    "mode": ("balance-rr", "active-backup", "balance-xor", "broadcast", "802.3ad", "balance-tlb", "balance-alb"),
    "lacp_rate": ("slow", "fast"),
    "xmit_hash_policy": ("layer2", "layer3+4", "layer2+3", "encap2+3", "encap3+4"),
    "ad_select": ("stable", "bandwidth", "count"),
    "arp_validate": ("none", "active", "backup", "all"),
    "arp_all_targets": ("any", "all"),
    "fail_over_mac": ("none", "active", "follow"),
    "primary_reselect": ("always", "better", "failure"),
}
"""The words that the kernel takes for some bond options, each at the place of its number."""

# kernel and ifupdown, version 2 and netplan, systemd-networkd
BOND = (
    ("mode", "mode", "Mode"),
    ("miimon", "mii-monitor-interval", "MIIMonitorSec"),
    ("updelay", "up-delay", "UpDelaySec"),
    ("downdelay", "down-delay", "DownDelaySec"),
    ("arp_interval", "arp-interval", "ARPIntervalSec"),
    ("arp_ip_target", "arp-ip-targets", "ARPIPTargets"),
    ("arp_validate", "arp-validate", "ARPValidate"),
    ("arp_all_targets", "arp-all-targets", "ARPAllTargets"),
    ("lacp_rate", "lacp-rate", "LACPTransmitRate"),
    ("min_links", "min-links", "MinLinks"),
    ("xmit_hash_policy", "transmit-hash-policy", "TransmitHashPolicy"),
    ("ad_select", "ad-select", "AdSelect"),
    ("all_slaves_active", "all-slaves-active", "AllSlavesActive"),
    ("fail_over_mac", "fail-over-mac-policy", "FailOverMACPolicy"),
    ("num_grat_arp", "gratuitous-arp", "GratuitousARP"),
    ("packets_per_slave", "packets-per-slave", "PacketsPerSlave"),
    ("primary", "primary", ""),
    ("primary_reselect", "primary-reselect-policy", "PrimaryReselectPolicy"),
    ("resend_igmp", "resend-igmp", "ResendIGMP"),
    ("lp_interval", "learn-packet-interval", "LearnPacketIntervalSec"),
    ("ad_actor_sys_prio", "", "AdActorSystemPriority"),
    ("ad_actor_system", "", "AdActorSystem"),
    ("ad_user_port_key", "", "AdUserPortKey"),
    ("tlb_dynamic_lb", "", "DynamicTransmitLoadBalancing"),
)
BRIDGE = (
    ("ageing", "ageing-time", "AgeingTimeSec"),
    ("bridgeprio", "priority", "Priority"),
    ("fd", "forward-delay", "ForwardDelaySec"),
    ("hello", "hello-time", "HelloTimeSec"),
    ("maxage", "max-age", "MaxAgeSec"),
    ("stp", "stp", "STP"),
    ("pathcost", "path-cost", ""),
    ("portprio", "port-priority", ""),
)
BOND_V2 = {
    **{v2: kernel for kernel, v2, _ in BOND if v2},
    "arp-ip-target": "arp_ip_target",
    "gratuitious-arp": "num_grat_arp",
    "all-members-active": "all_slaves_active",
    "packets-per-member": "packets_per_slave",
}
BRIDGE_V2 = {**{v2: brief for brief, v2, _ in BRIDGE}, "aging-time": "ageing"}
MILLISECONDS = ("miimon", "updelay", "downdelay", "arp_interval")
SWITCHES = ("all_slaves_active", "tlb_dynamic_lb", "use_carrier")
STATUS = ("active_slave", "ad_aggregator", "ad_num_ports", "ad_partner_key", "ad_partner_mac", "ad_actor_key",
          "mii_status", "queue_id", "slaves")  # fmt: skip


def bond_word(name: str, value: Any) -> Any:
    """The value of a bond option as a word, for programs that do not take the kernel's numbers for one."""
    known, text = NUMBERED.get(name, ()), str(value)
    return known[int(text)] if text.isdigit() and int(text) < len(known) else value


def bond_name(key: str) -> str:
    """``bond-lacp-rate``, ``bond_lacp_rate`` and ``bond-lacp_rate`` as the kernel's ``lacp_rate``."""
    brief = key.replace("-", "_")
    brief = brief[5:] if brief.startswith("bond_") else brief
    return "lp_interval" if brief == "learn_packet_interval" else brief


def bridge_name(key: str) -> str:
    """``bridge_fd`` and ``bridge-fd`` as ``fd``."""
    brief = key.replace("-", "_")
    return brief[7:] if brief.startswith("bridge_") else brief


def words(value: Any) -> str:
    """An option's value as the kernel would read it: switches as 0 and 1, lists with commas."""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, (list, tuple)):
        return ",".join(str(v) for v in value)
    return str(value)


def by_name(parameters: Mapping[str, Any], table: Any, column: int) -> Mapping[str, Any]:
    """The options that a table knows in one of its columns, by the names there."""
    return {row[column]: parameters[row[0]] for row in table if row[column] and row[0] in parameters}
