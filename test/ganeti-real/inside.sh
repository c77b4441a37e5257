#!/bin/sh
# Prepares the namespaces that the tests live in, then runs the given command in them. This shell is
# their first process: it takes in the orphans (guests, transfer daemons), and when it ends the
# kernel ends them all.
set -eu

# Nothing of this machine's own daemons, and room for what the tests bind over.
mount -t tmpfs tmpfs /run
mkdir -p /run/netns /run/ganeti /run/lock
mount -t tmpfs tmpfs /srv
mkdir -p /srv/ganeti

# Keys that daemons make for transfers bear the machine's name, and socat takes no other than this.
hostname ganeti.example.com

# The caller's side of the nodes' network. A bridge without a hardware address of its own takes one of
# its ports', hence another one whenever a node comes or goes.
ip link set lo up
ip link add gnt0 type bridge
ip addr add 198.18.77.254/24 dev gnt0
ip link set gnt0 address 02:00:c6:12:4d:fe up

status=0
"$@" || status=$?
exit "$status"
