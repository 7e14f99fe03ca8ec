#!/bin/sh
# What a switch of the outage lab answers to a command given by ssh. $1 is its directory, $2 its name.
set -eu
case "${SSH_ORIGINAL_COMMAND:-}" in
  "show version") printf '%s, lab switch, up since %s\n' "$2" "$(cat "$1/booted")" ;;
  "show running-config") cat "$1/running-config" ;;
  "show startup-config") cat "$1/startup-config" ;;
  "copy running-config startup-config") cp "$1/running-config" "$1/startup-config" ;;
  "show interfaces") ip -brief link show type veth ;;
  "show ip route") ip -4 route show ;;
  # Each cable's port is called after the neighbour: who has carrier is seen, as LLDP would.
  "show neighbors") ip -brief link show up type veth | awk '$2 == "UP" { sub(/@.*/, "", $1); print $1 }' ;;
  *)
    printf '%% Unknown command: %s\n' "${SSH_ORIGINAL_COMMAND:-(none)}"
    exit 1
    ;;
esac
