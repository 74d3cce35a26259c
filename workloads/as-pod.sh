#!/usr/bin/env bash
# as-pod.sh PYTHON_DIRECTORY ARGUMENT...: runs that directory's bin/python here with these arguments, as a pod would: as a user of
# whom /etc/passwd knows nothing, who has no home, on a root file system that is read-only but for /tmp. Needs root.
set -euo pipefail
cd "$(dirname "$0")"

# Both directories are also mounted below /tmp, because the way to them may be closed to that user.
# shellcheck disable=SC2016 # the inner shell expands these
exec unshare --mount bash -c '
  set -euo pipefail
  workloads=$PWD python=$(realpath "$1")
  shift
  mount -t tmpfs -o mode=1777 tmpfs /mnt
  mkdir /mnt/workloads /mnt/python
  mount --bind "$workloads" /mnt/workloads
  mount --bind "$python" /mnt/python
  mount -t tmpfs -o mode=1777 tmpfs /tmp
  mkdir /tmp/pod
  mount --rbind /mnt /tmp/pod
  mount -o remount,bind,ro /tmp/pod/workloads
  mount -o remount,bind,ro /tmp/pod/python
  mount -o remount,bind,ro /
  cd /tmp/pod/workloads
  exec setpriv --reuid 12345 --regid 12345 --clear-groups env --unset HOME --unset USER --unset LOGNAME --unset XDG_CACHE_HOME \
    TMPDIR=/tmp /tmp/pod/python/bin/python "$@"
' as-pod "$@"
