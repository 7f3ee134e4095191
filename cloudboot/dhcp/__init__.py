"""DHCPv4 (RFC 2131, 2132) as a client speaks it: what is said, what is understood, and the socket between.

frame      the datagram around a message
options    what a message says, option by option
message    a message
lease      what a server promised
exchange   one interface's conversation: packets and times in, packets and times out
port       the packet socket of a machine that has no address yet
"""
