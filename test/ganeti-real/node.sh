#!/bin/sh
# Becomes the node daemon of one node: in that node's network namespace (the caller has entered it),
# with the node's own directories in the places where Ganeti looks for them.
#
#   node.sh ROOT NAME ADDRESS
set -eu
root=$1 name=$2 address=$3

mount --rbind "$root/lib" /var/lib/ganeti
mount --rbind "$root/log" /var/log/ganeti
mount --rbind "$root/run" /run/ganeti
mount --rbind "$root/lock" /run/lock
mount --rbind "$root/etc" /etc/ganeti
mount --rbind "$root/srv" /srv/ganeti

exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
  /usr/sbin/ganeti-noded -f -b "$address" --no-mlock
