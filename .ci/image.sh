#!/bin/bash
# image.sh [--once]: builds image/Dockerfile for amd64 twice and for arm64, without asking a registry of images, and prints
# the folder that then has, per architecture, NAME.tar (OCI archive) and NAME/ (the files), NAME being node-cache-ARCH.
# Fails when the two builds differ, or when one is larger than it may be. With --once amd64 is built once, arm64 not.
#
# For a Debian 12 machine, as root, that reaches Debian packages and npm and nothing else: the two images the Dockerfile
# starts from are made here, of Debian packages (mmdebstrap) and of Node as npm has it. They resemble the published ones;
# whoever has a registry builds with `docker build -f image/Dockerfile .` and needs none of this.
# Kept in ${XDG_CACHE_HOME:-~/.cache}/nodelocaldns/images, bases included: `rm -r` that to begin anew.
set -euo pipefail
cd "$(dirname "$0")/.."
export DEBIAN_FRONTEND=noninteractive LC_ALL=C

NODE=24.21.0
declare -A NODE_SUMS=(
  [amd64]=de750bb336795f47dc898a46d2de93add029273027f3e16520d3fa3a2317ed5f07aefa404cf37ddfa5352e545e389ae22d16b87bcc84a900580a72f23cd02ced
  [arm64]=1692513c4cf63afbd32df8c83a5346158f492cf30a825e66f9de2819804b836e242759a6bcdd5997f1cf2601781c3689e752127afd65d5c459fc333e91e5d6e6
)
NPM=11.21.2
DEBIAN_BASE=docker.io/library/debian:bookworm-slim
NODE_BASE=docker.io/library/node:24-bookworm-slim
MEGABYTES_MAX=55 # Compressed, what a node pulls.

PLACE="${XDG_CACHE_HOME:-$HOME/.cache}/nodelocaldns/images"
CA=/etc/ssl/certs/ca-certificates.crt

say() { printf 'image.sh: %s\n' "$*" >&2; }
die() { say "error: $*"; exit 1; }

# packages PROGRAM…: Debian names them alike.
packages() {
  local program missing=()
  for program in "$@"; do command -v "$program" >/dev/null || missing+=("$program"); done
  [ ${#missing[@]} -gt 0 ] || return 0
  apt-get update -qq -o DPkg::Lock::Timeout=300 >&2
  apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=300 "${missing[@]}" >&2
}

# Machines whose packages come through a proxy trust its authority; builds see the machine's, and for Node an npmrc says
# so. Mounted for the time of a RUN. Host network: those machines' proxies may listen on the loopback.
bud() {
  buildah bud --quiet --pull-never --isolation oci --runtime runc --network host \
    --volume "$CA:/run/machine-ca.crt:ro" --volume "$PLACE/npmrc:/usr/local/etc/npmrc:ro" "$@"
}

has() { buildah inspect --type image "$1" >/dev/null 2>&1; }

debian_base() {
  say "base $DEBIAN_BASE"
  local folder=$1
  mmdebstrap --quiet --variant=minbase --mode=root --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' bookworm "$folder/root.tar" "$(machine_mirror)"
  printf 'FROM scratch\nADD root.tar /\nCMD ["bash"]\n' >"$folder/Dockerfile"
  buildah bud --quiet --isolation oci --runtime runc -t "$DEBIAN_BASE" "$folder" >/dev/null
}

machine_mirror() {
  { awk '$1 == "URIs:" {print $2}' /etc/apt/sources.list.d/*.sources 2>/dev/null
    awk '$1 == "deb" {for (i = 2; i <= NF; i++) if ($i ~ /:\/\//) print $i}' /etc/apt/sources.list 2>/dev/null; } | sed -n 1p
}

# node_package ARCH FOLDER: FOLDER gets the npm package's bin/node and LICENSE.
node_package() {
  local cpu=${1/amd64/x64} folder=$2
  mkdir -p "$folder"
  (cd "$folder" && npm pack --silent "node-linux-$cpu@$NODE" >/dev/null)
  echo "${NODE_SUMS[$1]}  $(echo "$folder"/*.tgz)" | sha512sum --check --quiet >&2 || die "node-linux-$cpu@$NODE: sha512 differs"
  tar xzf "$folder"/*.tgz -C "$folder" --strip-components=1
}

node_bases() {
  say "base $NODE_BASE (node $NODE, npm $NPM)"
  local folder=$1 arch
  for arch in amd64 arm64; do
    node_package $arch "$folder/$arch"
    mkdir -p "$folder/root-$arch/bin"
    cp "$folder/$arch/bin/node" "$folder/root-$arch/bin/"
    cp "$folder/$arch/LICENSE" "$folder/root-$arch/"
  done
  npm install --silent --global --prefix "$folder/root-amd64" "npm@$NPM" >/dev/null
  printf 'FROM %s\nCOPY root-amd64 /usr/local\nENV NODE_VERSION=%s\nCMD ["node"]\n' "$DEBIAN_BASE" $NODE >"$folder/Dockerfile"
  bud -t "$NODE_BASE" "$folder" >/dev/null
  # Nothing is started in the other architecture's: its node is all that is taken.
  printf 'FROM scratch\nCOPY root-arm64 /usr/local\n' >"$folder/Dockerfile"
  bud --platform linux/arm64 -t "$NODE_BASE-arm64" "$folder" >/dev/null
}

bases() {
  local folder
  has "$DEBIAN_BASE" && has "$NODE_BASE" && has "$NODE_BASE-arm64" && return
  folder=$(mktemp -d "$PLACE/base.XXXX")
  mkdir "$folder/debian" "$folder/node"
  has "$DEBIAN_BASE" || debian_base "$folder/debian"
  node_bases "$folder/node"
  rm -r "$folder"
}

# build ARCH TAG [OPTION…]
build() {
  local arch=$1 tag=$2 begin=$SECONDS
  shift 2
  bud --build-arg TARGETARCH="$arch" --build-arg TARGETPLATFORM="linux/$arch" --build-arg BUILDPLATFORM=linux/amd64 \
    --platform "linux/$arch" --timestamp 0 "$@" -f "$context/image/Dockerfile" -t "$tag" "$context" >/dev/null
  say "$tag: built in $((SECONDS - begin)) s"
}

# save TAG NAME: archive and files
save() {
  local tag=$1 name=$2 container
  rm -rf "${PLACE:?}/$name.tar" "${PLACE:?}/$name"
  buildah push --quiet "$tag" "oci-archive:$PLACE/$name.tar:$tag" >&2
  container=$(buildah from --pull-never "$tag")
  cp -a "$(buildah mount "$container")" "$PLACE/$name"
  buildah rm "$container" >/dev/null
}

# Of the manifest, which has the sums of all that is pulled.
digest() { tar xOf "$PLACE/$1.tar" index.json | grep -o '"digest":"[^"]*"'; }

once=false
case ${1-} in
  '') ;;
  --once) once=true ;;
  *) sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "$0" >&2; exit 2 ;;
esac
[ "$(uname -sm)" = 'Linux x86_64' ] || die "want Linux on x86-64, this is $(uname -sm)"
packages buildah runc mmdebstrap
mkdir -p "$PLACE"
printf '[storage]\ndriver = "overlay"\ngraphroot = "%s/storage"\nrunroot = "%s/storage-run"\n' "$PLACE" "$PLACE" >"$PLACE/storage.conf"
export CONTAINERS_STORAGE_CONF=$PLACE/storage.conf
printf 'cafile=/run/machine-ca.crt\nupdate-notifier=false\n' >"$PLACE/npmrc"

bases
context=$(mktemp -d) # A copy: somebody may be editing, and both builds shall see the same.
trap 'rm -rf "$context"' EXIT
cp -a .dockerignore LICENSE package.json package-lock.json tsconfig.json image "$context/"
build amd64 localhost/node-cache:dev
save localhost/node-cache:dev node-cache-amd64
if ! $once; then
  build amd64 localhost/node-cache:again --no-cache
  buildah push --quiet localhost/node-cache:again "oci-archive:$PLACE/again.tar:localhost/node-cache:dev" >&2
  [ "$(digest node-cache-amd64)" = "$(digest again)" ] || die "two builds differ: $PLACE/node-cache-amd64.tar, $PLACE/again.tar"
  rm "$PLACE/again.tar"
  say 'two builds have the same digest'
  build arm64 localhost/node-cache:arm64 --build-arg NODE_TARGET_IMAGE="$NODE_BASE-arm64"
  save localhost/node-cache:arm64 node-cache-arm64
fi
for archive in "$PLACE"/node-cache-*.tar; do
  bytes=$(stat -c %s "$archive")
  say "$(basename "$archive"): $((bytes / 100000 / 10)).$((bytes / 100000 % 10)) MB compressed, at most $MEGABYTES_MAX"
  [ "$bytes" -le $((MEGABYTES_MAX * 1000000)) ] || die "$archive is too large"
done
echo "$PLACE"
