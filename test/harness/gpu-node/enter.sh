#!/bin/sh
# Runs a program on a simulated node: with the node's own /sys, /proc and devices, in a mount namespace that ends with the program.
# Usage: unshare --mount sh enter.sh NODE_FOLDER PROGRAM ARGUMENTS...
set -eu
node=$1
shift
for device in "$node"/root/dev/nvidia* "$node"/root/dev/nvidia-caps/*; do
  if [ -f "$device" ]; then
    mount --bind /dev/null "$device"
  fi
done
mount --bind "$node/sys" /sys
# The node's /proc has links to what the machine's own has.
mount --bind /proc "$node/proc/machine"
mount --rbind "$node/proc" /proc
mount --bind "$node/boot_id" /proc/machine/sys/kernel/random/boot_id
# It ends with the tests, however they end.
exec setpriv --pdeathsig KILL "$@"
