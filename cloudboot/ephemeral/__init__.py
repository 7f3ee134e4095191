"""A network that lasts for one question: before this machine's own network is configured, its datasource must be asked
how.

cards      which interfaces may lead to the datasource, and when udev is done with them
window     what is added for a while, and taken away again whatever happens
ways       what a lease, or none, adds
gathering  the one loop in which interfaces come up and servers answer
programs   DHCP clients of others, where an image's configuration names them
network    the whole of it: the ways to the datasource, one after the other
"""
