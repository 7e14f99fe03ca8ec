#!/bin/sh
# One machine of the domain: its own name and its own files over the host's, then the given program.
# Runs in the machine's network namespace and in mount and UTS namespaces of its own: all of it is gone
# when the program ends.
#
#   domain_machine.sh FOLDER NAME COMMAND...      (FOLDER/root: the machine's files)
set -eu
folder=$1 name=$2
shift 2

# The host's names for network namespaces must not be pinned by our copy of its mounts.
umount -R -l /run/netns 2> /dev/null || true
hostname "$name"
for path in etc/samba var/lib/samba var/cache/samba var/log/samba srv etc/ldap/slapd.d var/lib/ldap \
  etc/hosts etc/resolv.conf etc/nsswitch.conf; do
  [ ! -e "$folder/root/$path" ] || mount --bind "$folder/root/$path" "/$path"
done
# smbd on a domain controller looks for winbindd where it was compiled to, whatever smb.conf says.
mount -t tmpfs tmpfs /run
mkdir -p /run/samba /run/slapd
cd /
exec "$@"
