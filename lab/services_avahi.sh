#!/bin/sh
# A system bus and avahi of the lab's own, in a mount namespace of their own: printers announce themselves
# there or do not start at all. Gone with the namespace when avahi ends.
#
#   services_avahi.sh CONFIGURATION
set -eu
# The host's names for network namespaces must not be pinned by our copy of its mounts.
umount -R -l /run/netns 2> /dev/null || true
mount -t tmpfs tmpfs /run
mkdir -p /run/dbus /run/avahi-daemon
cd /
dbus-daemon --system --fork --nopidfile
exec avahi-daemon --no-rlimits --no-drop-root --no-chroot -f "$1"
