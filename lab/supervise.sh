#!/bin/bash
# The hardware of one machine: mounts its disk, waits for power, boots it, sees it go off or reboot.
# Runs in the machine's network namespace and in a mount namespace of its own, so that everything it
# mounts is gone when it ends. Ends only when it is killed.
#
#   supervise.sh NAME FOLDER CGROUP LOWER       (FOLDER: the machine's; LOWER: overlay layers)
#
# In FOLDER: upper, work, root (the disk), control (a fifo: a line written to it is the power button),
# power (on | off: what is), no-return and boot-delay (faults).
set -u
name=$1 folder=$2 cgroup=$3 lower=$4
netns=/proc/$$/ns/net

fail() { echo "supervise: $*" >&2; exit 1; }

# The host's names for network namespaces must not be pinned by our copy of its mounts.
umount -R -l /run/netns 2>/dev/null
# volatile: no fsync to the real disk; losing power here means losing processes, not the page cache.
mount -t overlay overlay -o "lowerdir=$lower,upperdir=$folder/upper,workdir=$folder/work,volatile" "$folder/root" \
  || fail "cannot mount the overlay on $folder/root (the state directory must be on ext4, xfs, btrfs or tmpfs)"
mount -t tmpfs tmpfs /run || fail "cannot mount a tmpfs"
umount -R -l /sys/fs/cgroup 2>/dev/null
mount -t cgroup2 cgroup2 /sys/fs/cgroup || fail "cannot mount cgroup2"
cgroup=/sys/fs/cgroup/$cgroup

boot() {
  mkdir -p "$cgroup/boot"
  ip link set eth0 up
  echo on > "$folder/power"
  bash -c 'echo $$ > "$1/boot/cgroup.procs" && shift && exec "$@"' boot "$cgroup" \
    env SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 systemd-nspawn --quiet --boot --register=no --keep-unit \
    --directory="$folder/root" --machine="$name" --hostname="$name" --network-namespace-path="$netns" \
    --kill-signal=SIGRTMIN+3 --console=pipe --resolv-conf=off --timezone=off --link-journal=no </dev/null
}

# The kernel answers ping for a namespace without processes: without power the cable is dead too.
off() {
  ip link set eth0 down
  echo 1 > "$cgroup/boot/cgroup.kill"
  for _ in $(seq 100); do
    grep -q 'populated 0' "$cgroup/boot/cgroup.events" && break
    sleep 0.02
  done
  find "$cgroup/boot" -depth -type d -exec rmdir {} + 2>/dev/null
}

exec 3<>"$folder/control"
while :; do
  boot
  status=$?
  off
  echo "$(date +%FT%T.%3N) $name: systemd-nspawn ended with $status" >&2
  # With --keep-unit, nspawn ends with 133 instead of booting again by itself.
  if [ "$status" = 133 ] && [ ! -e "$folder/no-return" ]; then
    sleep "$(cat "$folder/boot-delay" 2>/dev/null || echo 0.3)"
    continue
  fi
  echo off > "$folder/power"
  read -r _ <&3
done
