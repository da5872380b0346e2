#!/bin/bash
# `npm run lab [-- PART…]`: the cache on a real kernel, in a virtual machine; see README.md. PARTs are those of machine.sh,
# by default all. LAB is the folder of the lab's scripts (default ../shared/lab); without it nothing runs, and that is said.
set -euo pipefail
cd "$(dirname "$0")/../.."
LAB=${LAB:-../shared/lab}
if [ ! -x "$LAB/vm.sh" ]; then
  echo "left out: the cache on a real kernel; to enable: LAB=FOLDER with vm.sh npm run lab (as root, Debian 12)" >&2
  exit 0
fi
[ $# -gt 0 ] || set -- nft iptables-nft iptables-legacy ipvs loss
archive=${ARCHIVE:-$(.ci/image.sh --once)/node-cache-amd64.tar}
rc=0
for part in "$@"; do "$LAB/vm.sh" --image "$archive" --timeout 600 test/lab/machine.sh "$part" || rc=1; done
exit $rc
