#!/bin/sh
# Makes apt and dpkg meet a full disk, for real: what they write to moves to a small file system that
# is then filled to the last byte. `disk-full.sh apply` or `disk-full.sh clear`, on the machine.
set -eu
small=/mnt/lab-full
folders="var/lib/dpkg var/lib/apt var/cache/apt"

apply() {
  mkdir -p "$small"
  # shellcheck disable=SC2086 - one word per folder
  used=$(cd / && du -sk $folders | awk '{sum += $1} END {print sum}')
  mount -t tmpfs -o "mode=755,size=$((used * 2 + 1024))k" tmpfs "$small"
  for folder in $folders; do
    mkdir -p "$small/$folder"
    cp -a "/$folder/." "$small/$folder/"
    mount --bind "$small/$folder" "/$folder"
  done
  cat /dev/zero > "$small/filler" 2>/dev/null || true
  # Written to the last byte, and no free name either.
  printf x 2>/dev/null >> "$small/filler" && exit 1
  exit 0
}

clear() {
  mountpoint -q "$small" || exit 0
  rm "$small/filler"
  for folder in $folders; do
    umount "/$folder" 2>/dev/null || umount -l "/$folder"
    find "/$folder" -mindepth 1 -delete
    cp -a "$small/$folder/." "/$folder/"
  done
  umount "$small" 2>/dev/null || umount -l "$small"
}

"$1"
