#!/bin/sh
# Makes what the nodes of a new cluster and their caller recognise each other by, in DIR:
#
#   server.pem   the cluster's key and certificate, for every node and for the caller
#   client.pem   the caller's key and certificate
#   ssconf_master_candidates_certs   whose calls nodes take, for every node
#
# usage: certificates.sh DIR
#
# All names are `ganeti.example.com`, as in every Ganeti cluster: the daemons that transfer disks
# take no other.
set -eu
umask 077
subject=/CN=ganeti.example.com
cd "$1"
if [ -e server.pem ] || [ -e client.pem ]; then
  echo "$1 has certificates already; move them away to make new ones" >&2
  exit 1
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

openssl req -x509 -newkey rsa:2048 -nodes -sha256 -days 1825 -subj "$subject" \
  -keyout "$work/server.key" -out "$work/server.crt" 2>/dev/null
openssl req -new -newkey rsa:2048 -nodes -sha256 -subj "$subject" \
  -keyout "$work/client.key" -out "$work/client.csr" 2>/dev/null
openssl x509 -req -sha256 -days 1825 -set_serial 2 -in "$work/client.csr" \
  -CA "$work/server.crt" -CAkey "$work/server.key" -out "$work/client.crt" 2>/dev/null
cat "$work/server.key" "$work/server.crt" > server.pem
cat "$work/client.key" "$work/client.crt" > client.pem

fingerprint=$(openssl x509 -noout -sha1 -fingerprint -in "$work/client.crt")
echo "caller=${fingerprint#*=}" > ssconf_master_candidates_certs
