"""Networks that every renderer is tried with, as documents."""

import yaml

V1 = yaml.safe_load("""
dhcp:
  - {type: physical, name: eth0, subnets: [{type: dhcp4}]}
dhcp both with metrics:
  - {type: physical, name: eth0, subnets: [{type: dhcp4, metric: 50}, {type: dhcp6, metric: 60}]}
static:
  - type: physical
    name: lan0
    mac_address: "02:00:5E:10:00:01"
    mtu: 9000
    subnets:
      - {type: static, address: 192.0.2.10, netmask: 255.255.255.0, gateway: 192.0.2.1,
         dns_nameservers: [192.0.2.53], dns_search: [example.net]}
      - {type: static6, address: "2001:db8:0:1::a/64", gateway: "2001:db8:0:1::1"}
gateway outside of the subnet:
  - {type: physical, name: eth0, subnets: [{type: static, address: 192.0.2.10/32, gateway: 198.51.100.1}]}
routes:
  - type: physical
    name: eth0
    subnets:
      - type: static
        address: 192.0.2.10/24
        routes:
          - {network: 198.51.100.0, netmask: 255.255.255.0, gateway: 192.0.2.2, metric: 7}
          - {destination: 203.0.113.7/32, gateway: 192.0.2.3}
          - {destination: "2001:db8:9::/48", gateway: "fe80::1"}
      - {type: static, address: "2001:db8::2/64"}
  - {type: route, destination: 10.0.0.0/8, gateway: 192.0.2.4, metric: 3}
autoconfiguration:
  - {type: physical, name: eth0, subnets: [{type: ipv6_slaac}]}
  - {type: physical, name: eth1, subnets: [{type: ipv6_dhcpv6-stateless}]}
  - {type: physical, name: eth2, accept-ra: true, subnets: [{type: ipv6_dhcpv6-stateful}]}
router advertisements refused:
  - {type: physical, name: eth0, accept-ra: false, subnets: [{type: static, address: "2001:db8::2/64"}]}
bond:
  - {type: physical, name: lan0, mac_address: "02:00:5e:10:00:01"}
  - {type: physical, name: lan1, mac_address: "02:00:5e:10:00:02"}
  - type: bond
    name: bond0
    mac_address: "02:00:5e:10:00:01"
    bond_interfaces: [lan0, lan1]
    params: {bond-mode: 4, bond-miimon: 100, bond-lacp_rate: fast, bond_xmit_hash_policy: layer3+4,
             bond-all_slaves_active: 0, bond-resend_igmp: 1}
    subnets: [{type: dhcp4}]
bond that watches by ARP:
  - type: bond
    name: bond0
    bond_interfaces: [eth0, eth1]
    params: {bond-mode: active-backup, bond-arp_interval: 100, bond-arp_ip_target: [192.0.2.1, 192.0.2.2],
             bond-primary: eth0}
    subnets: [{type: static, address: 192.0.2.10/24}]
bridge:
  - {type: physical, name: eth0}
  - {type: physical, name: eth1}
  - type: bridge
    name: br0
    bridge_interfaces: [eth0, eth1]
    params: {bridge_stp: 'off', bridge_fd: 2, bridge_ageing: 250, bridge_bridgeprio: 22, bridge_hello: 1,
             bridge_maxage: 12, bridge_pathcost: [eth0 50, eth1 75], bridge_portprio: [eth0 28, eth1 14]}
    subnets: [{type: static, address: 192.0.2.10/24}, {type: static, address: "2001:db8::2/64"}]
vlan over a bond:
  - {type: physical, name: eth0}
  - {type: physical, name: eth1}
  - {type: bond, name: bond0, bond_interfaces: [eth0, eth1], params: {bond-mode: balance-rr}}
  - {type: vlan, name: bond0.40, vlan_link: bond0, vlan_id: 40, mtu: 1400, mac_address: "02:00:5e:10:00:09",
     subnets: [{type: dhcp4, metric: 200}]}
name servers for all:
  - {type: physical, name: eth0, subnets: [{type: static, address: 192.0.2.10/24}]}
  - {type: physical, name: eth1, subnets: [{type: dhcp4}]}
  - {type: nameserver, address: [192.0.2.53, "2001:db8::53"], search: [example.net, example.org]}
name servers for one:
  - {type: physical, name: eth0, subnets: [{type: static, address: 192.0.2.10/24}]}
  - {type: nameserver, interface: eth0, address: 192.0.2.53, search: example.net}
started by hand:
  - {type: physical, name: eth0, subnets: [{type: static, address: 192.0.2.10/24, control: manual}]}
  - {type: physical, name: eth1, subnets: [{type: dhcp4, control: hotplug}]}
loopback addresses:
  - {type: loopback, name: lo, subnets: [{type: static, address: 192.0.2.99/32}]}
  - {type: physical, name: eth0, subnets: [{type: dhcp4}]}
kept and optional:
  - {type: physical, name: eth0, keep_configuration: true, optional: true, wakeonlan: true, subnets: [{type: dhcp4}]}
infiniband:
  - {type: infiniband, name: ib0, mac_address: "a0:00:02:20:fe:80:00:00:00:00:00:00:ec:0d:9a:03:00:15:e2:c1",
     subnets: [{type: static, address: 192.0.2.10/24, mtu: 4092}]}
several addresses of one family:
  - type: physical
    name: eth0
    subnets:
      - {type: static, address: 192.0.2.10/24, dns_nameservers: [192.0.2.53]}
      - {type: static, address: 192.0.2.11/24}
      - {type: static, address: "2001:db8::1/64"}
      - {type: static, address: "2001:db8::2/64"}
dhcp beside fixed addresses:
  - {type: physical, name: eth0, subnets: [{type: dhcp}, {type: static, address: 192.0.2.27/27, gateway: 192.0.2.1}]}
two interfaces of which one has the default route:
  - {type: physical, name: eth0, subnets: [{type: static, address: 192.0.2.10/24, routes: [
       {network: 0.0.0.0, netmask: 0.0.0.0, gateway: 192.0.2.1}]}]}
  - {type: physical, name: eth1, subnets: [{type: dhcp4}]}
a driver to match:
  - {type: physical, name: eth0, mac_address: "02:00:5e:10:00:01", params: {driver: hv_netvsc}, subnets: [{type: dhcp}]}
bridge without addresses over a vlan:
  - {type: physical, name: eth0}
  - {type: vlan, name: eth0.7, vlan_link: eth0, vlan_id: 7}
  - {type: bridge, name: br7, bridge_interfaces: [eth0.7], params: {bridge_stp: true, bridge_maxwait: 3}}
bond by number with all delays:
  - {type: bond, name: b0, bond_interfaces: [eth0, eth1], mtu: 9000, params: {bond-mode: 1, bond-updelay: 200,
       bond-downdelay: 200, bond-miimon: 100, bond-primary: eth1, bond-fail_over_mac: active, bond-num_grat_arp: 5,
       bond-primary_reselect: always}, subnets: [{type: dhcp4}, {type: ipv6_slaac}]}
name servers of a lease and more:
  - {type: physical, name: eth0, subnets: [{type: dhcp, dns_nameservers: [192.0.2.53],
                                            dns_search: a.example b.example}]}
a metric for a fixed gateway:
  - {type: physical, name: eth0, subnets: [{type: static, address: 192.0.2.10/24, gateway: 192.0.2.1, metric: 77}]}
broadcast and peer:
  - {type: physical, name: eth0, subnets: [{type: static, address: 192.0.2.10/24, broadcast: 192.0.2.255},
                                           {type: static, address: 192.0.2.77/32, pointopoint: 192.0.2.78}]}
its own sizes:
  - {type: physical, name: eth0, mtu: 9000, subnets: [{type: static, address: 192.0.2.10/24, mtu: 8000},
                                                      {type: static, address: "2001:db8::2/64", mtu: 1500}]}
bond by the numbers of the kernel:
  - {type: bond, name: bond0, bond_interfaces: [eth0, eth1], subnets: [{type: dhcp4}], params: {
       bond-mode: 4, bond-lacp-rate: 1, bond-ad-select: 1, bond-xmit-hash-policy: 1, bond-miimon: 100}}
bond with options that its mode has no use for:
  - {type: bond, name: bond0, bond_interfaces: [eth0, eth1], params: {bond-mode: balance-rr, bond-lacp-rate: fast,
       bond-primary: eth0, bond-miimon: 100, bond-arp-interval: 100, bond-arp-ip-target: 192.0.2.1}}
bond that watches nothing and waits:
  - {type: bond, name: bond0, bond_interfaces: [eth0], params: {bond-mode: 1, bond-miimon: 0, bond-updelay: 20}}
bridge that forwards at once:
  - {type: bridge, name: br0, bridge_interfaces: [eth0], params: {bridge_stp: 'off', bridge_fd: 0}}
bridge that forwards too soon:
  - {type: bridge, name: br0, bridge_interfaces: [eth0], params: {bridge_stp: 'on', bridge_fd: 1}}
vlan over what is described nowhere:
  - {type: vlan, name: eth0.5, vlan_link: eth0, vlan_id: 5, subnets: [{type: dhcp4}]}
gateways beside leases:
  - {type: physical, name: eth0, subnets: [{type: dhcp4, gateway: 192.0.2.1}, {type: dhcp6, gateway: "2001:db8::1"}]}
brought up without an address:
  - {type: physical, name: eth0, mtu: 1480, subnets: [{type: manual}]}
""")

V2 = yaml.safe_load("""
dhcp:
  ethernets: {eth0: {dhcp4: true}}
found by its address:
  ethernets: {nic-a: {match: {macaddress: "02:00:5E:20:00:01"}, set-name: wan0, dhcp4: true, accept-ra: true,
                      dhcp4-overrides: {route-metric: 100}}}
found by name and driver:
  ethernets: {all: {match: {name: "en*", driver: [virtio_net, e1000]}, dhcp4: true}}
static:
  ethernets:
    eth0:
      addresses: [198.51.100.7/24, "2001:db8:77::7/64"]
      gateway4: 198.51.100.1
      gateway6: "2001:db8:77::1"
      nameservers: {addresses: [198.51.100.53, "2001:db8::53"], search: [corp.example]}
      mtu: 1400
addresses with labels:
  ethernets: {eth0: {addresses: [{192.0.2.10/24: {label: "eth0:one", lifetime: 0}}, 192.0.2.11/24]}}
every kind of route:
  ethernets:
    eth0:
      addresses: [192.0.2.10/24, "2001:db8::2/64"]
      routes:
        - {to: default, via: 192.0.2.1, metric: 300}
        - {to: default, via: "2001:db8::1"}
        - {to: 198.51.100.0/24, via: 203.0.113.1, on-link: true, table: 101, from: 192.0.2.10, mtu: 1400}
        - {to: 10.9.0.0/16, scope: link}
        - {to: 10.8.0.0/16, type: blackhole}
      routing-policy:
        - {from: 192.0.2.10, table: 101, priority: 10}
        - {to: "2001:db8:5::/48", table: 102, mark: 7, type-of-service: 16}
every override:
  ethernets:
    eth0:
      dhcp4: true
      dhcp4-overrides: {use-dns: false, use-ntp: false, use-hostname: false, send-hostname: false, use-mtu: false,
                        use-routes: false, use-domains: route, hostname: web1, route-metric: 77}
    eth1:
      dhcp6: true
      dhcp6-overrides: {use-dns: false, use-ntp: false, route-metric: 78}
every setting:
  ethernets:
    eth0: {dhcp6: true, ipv6-privacy: true, link-local: [ipv4], ipv6-mtu: 1300, optional: true, wakeonlan: true,
           ipv6-address-generation: eui64, macaddress: "02:00:5e:20:00:09", critical: true,
           dhcp-identifier: mac, emit-lldp: true}
    eth1: {activation-mode: manual, link-local: [], ipv6-address-token: "::2", dhcp4: true, ignore-carrier: true,
           optional-addresses: [ipv4-ll], receive-checksum-offload: true}
bond:
  ethernets: {nic0: {match: {macaddress: "02:00:5e:20:00:01"}, set-name: lan0}, eth1: {}}
  bonds:
    bond0:
      interfaces: [nic0, eth1]
      macaddress: "02:00:5e:20:00:01"
      addresses: [192.0.2.10/24]
      parameters: {mode: 802.3ad, lacp-rate: fast, mii-monitor-interval: 100, min-links: 1, up-delay: 200,
                   transmit-hash-policy: layer3+4, all-slaves-active: true,
                   gratuitous-arp: 3, resend-igmp: 4, learn-packet-interval: 2, fail-over-mac-policy: active}
bond of what is described nowhere:
  bonds: {bond0: {interfaces: [eth0, eth1], parameters: {mode: active-backup, primary: eth0}, dhcp4: true}}
bridge:
  ethernets: {eth0: {}, eth1: {}}
  bridges:
    br0:
      interfaces: [eth0, eth1]
      dhcp4: true
      parameters: {stp: true, priority: 22, forward-delay: 4, hello-time: 2, max-age: 12, ageing-time: 250,
                   path-cost: {eth0: 50}, port-priority: {eth1: 14}}
vlan:
  ethernets: {nic-b: {match: {macaddress: "02:00:5e:20:00:02"}, set-name: lan0, wakeonlan: true, mtu: 9000}}
  vlans:
    lan0.77:
      id: 77
      link: nic-b
      addresses: [198.51.100.7/24, "2001:db8:77::7/64"]
      routes: [{to: default, via: 198.51.100.1, metric: 300}]
      nameservers: {addresses: [198.51.100.53], search: [corp.example]}
vrf:
  ethernets: {eth0: {addresses: [192.0.2.10/24]}}
  vrfs: {blue: {table: 1000, interfaces: [eth0], routes: [{to: default, via: 192.0.2.1}],
                routing-policy: [{from: 192.0.2.10}]}}
tunnels:
  ethernets: {eth0: {addresses: [192.0.2.10/24]}}
  tunnels:
    sit0x: {mode: sit, local: 192.0.2.10, remote: 198.51.100.9, addresses: ["2001:db8:5::1/64"]}
    gre1: {mode: gre, local: 192.0.2.10, remote: 198.51.100.9, ttl: 64, key: 5}
    vx0: {mode: vxlan, id: 42, local: 192.0.2.10, remote: 198.51.100.9, port: 4789, link: eth0, mac-learning: false}
wireguard:
  tunnels:
    wg0:
      mode: wireguard
      port: 51820
      key: "4GgaQCy68nzNsUE5aJ9fuLzHhB65tAlwbmA72MWnOm8="
      addresses: [10.20.30.1/24]
      peers:
        - {keys: {public: "M9nt4YujIOmNrRmpIRTmYSfMdrpvE7u6WkG8FY8WjG4="}, allowed-ips: [10.20.30.0/24],
           keepalive: 25, endpoint: "198.51.100.9:51820"}
dummy and veth:
  dummy-devices: {dm0: {addresses: [192.0.2.77/32]}}
  virtual-ethernets: {veth0: {peer: veth1, addresses: [10.1.1.1/30]}, veth1: {peer: veth0}}
wifi:
  wifis: {wlan0: {dhcp4: true, access-points: {"the air": {password: "not to be seen"}}}}
dhcp and a route of its own:
  ethernets: {eth0: {dhcp4: true, routes: [{to: 10.0.0.0/8, via: 192.0.2.4}], nameservers: {addresses: [192.0.2.53]}}}
domains to search and no servers:
  ethernets: {eth0: {addresses: [192.0.2.10/24], nameservers: {search: [corp.example, example.net]}}}
switches and words where YAML has them otherwise:
  ethernets: {eth0: {dhcp4: yes, dhcp6: "no", mtu: "1400", nameservers: {addresses: 192.0.2.53}}}
several networks by dhcp:
  ethernets:
    eth0: {dhcp4: true, dhcp4-overrides: {route-metric: 100}}
    eth1: {dhcp4: true, dhcp4-overrides: {route-metric: 200, use-dns: false}, dhcp6: true,
           dhcp6-overrides: {route-metric: 200, use-dns: false}}
a second interface with tables of its own:
  ethernets:
    eth0: {dhcp4: true, match: {macaddress: "02:00:5e:20:00:01"}, set-name: eth0}
    eth1:
      match: {macaddress: "02:00:5e:20:00:02"}
      set-name: eth1
      addresses: [10.0.2.20/24]
      routes: [{to: 0.0.0.0/0, via: 10.0.2.1, table: 101}, {to: 10.0.2.0/24, table: 101}]
      routing-policy: [{from: 10.0.2.20, table: 101}]
hosts reached through a gateway of another network:
  ethernets: {eth0: {addresses: [203.0.113.9/32], routes: [{to: 0.0.0.0/0, via: 172.31.1.1, on-link: true}],
                     nameservers: {addresses: [192.0.2.53]}}}
only IPv6:
  ethernets: {eth0: {addresses: ["2001:db8::10/64"], gateway6: "fe80::1", accept-ra: false,
                     nameservers: {addresses: ["2001:db8::53"], search: [six.example]}}}
addresses of the link alone:
  ethernets: {eth0: {link-local: [ipv4, ipv6], optional: true}}
nothing but its name:
  ethernets: {eth0: {}}
a default gateway that is deprecated beside a route:
  ethernets: {eth0: {addresses: [192.0.2.10/24], gateway4: 192.0.2.1, routes: [
     {to: 198.51.100.0/24, via: 192.0.2.2, metric: 5}]}}
a vlan on a bond on two interfaces found by their addresses:
  ethernets:
    p1: {match: {macaddress: "02:00:5e:20:00:01"}, set-name: lan0, mtu: 9000}
    p2: {match: {macaddress: "02:00:5e:20:00:02"}, set-name: lan1, mtu: 9000}
  bonds: {bond0: {interfaces: [p1, p2], mtu: 9000, parameters: {mode: active-backup, primary: p2}}}
  vlans: {bond0.9: {id: 9, link: bond0, mtu: 1500, dhcp4: true, macaddress: "02:00:5e:20:00:99"}}
a bridge over a vlan:
  ethernets: {eth0: {}}
  vlans: {eth0.9: {id: 9, link: eth0}}
  bridges: {br9: {interfaces: [eth0.9], addresses: [192.0.2.1/24]}}
a bridge over nothing:
  bridges: {br0: {addresses: [192.0.2.1/24], parameters: {stp: false}}}
a driver and no more:
  ethernets: {all: {match: {driver: virtio_net}, dhcp4: true}}
waking and other hardware:
  ethernets: {eth0: {wakeonlan: true, dhcp4: true, infiniband-mode: datagram}}
a route and no address:
  ethernets: {eth0: {routes: [{to: 10.0.0.0/8, via: 192.0.2.4}]}}
an IPv6 route without an IPv6 address:
  ethernets: {eth0: {addresses: [192.0.2.10/24], routes: [{to: "::/0", via: "fe80::1"}]}}
tables and rules of both families:
  ethernets:
    eth0:
      addresses: [192.0.2.10/24, "2001:db8::10/64"]
      routes: [{to: 0.0.0.0/0, via: 192.0.2.1, table: 101}, {to: "::/0", via: "2001:db8::1", table: 101, metric: 5}]
      routing-policy:
        - {from: 192.0.2.0/24, table: 101, priority: 100}
        - {from: "2001:db8::/64", to: "2001:db8:1::/48", table: 101, priority: 101}
""")

DOCUMENTS = {
    **{f"v1 {name}": {"version": 1, "config": config} for name, config in V1.items()},
    **{f"v2 {name}": {"version": 2, **config} for name, config in V2.items()},
}
