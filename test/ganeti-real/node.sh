#!/bin/sh
# Becomes the node daemon of one node, or another command on it: in that node's network namespace (the
# caller has entered it), with the node's own directories in the places where Ganeti looks for them.
#
#   node.sh ROOT NAME ADDRESS [COMMAND...]
set -eu
root=$1 name=$2 address=$3
shift 3

mount --rbind "$root/lib" /var/lib/ganeti
mount --rbind "$root/log" /var/log/ganeti
mount --rbind "$root/run" /run/ganeti
mount --rbind "$root/lock" /run/lock
mount --rbind "$root/etc" /etc/ganeti
mount --rbind "$root/srv" /srv/ganeti
if [ -e "$root/hosts" ]; then
  mount --bind "$root/hosts" /etc/hosts
fi

if [ $# -gt 0 ]; then
  exec "$@"
fi
# What daemons leave in there is theirs.
mount -t tmpfs tmpfs /tmp
exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
  /usr/sbin/ganeti-noded -f -b "$address" --no-mlock
