#!/bin/sh
# Becomes the node daemon of one node: in that node's network namespace (the caller has entered it),
# with the node's own directories in the places where Ganeti looks for them.
#
#   node.sh ROOT NAME ADDRESS
set -eu
root=$1 name=$2 address=$3

mount --bind "$root/lib" /var/lib/ganeti
mount --bind "$root/log" /var/log/ganeti
mount --bind "$root/run" /run/ganeti
mount --bind "$root/lock" /run/lock
mount --bind "$root/etc" /etc/ganeti
mount --bind "$root/srv" /srv/ganeti

exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
  /usr/sbin/ganeti-noded -f -b "$address" --no-mlock
