#!/bin/bash
# modules.sh MODULES ROOT: our bundle and the one package it loads at run time, as they lie in the image. Runs in the
# build stage, in the repository's root, after the build. MODULES has the target's node_modules.
set -euo pipefail
modules=$1/node_modules place=$2/usr/lib/node-cache doc=$2/usr/share/doc

mkdir -p "$place/node_modules/koffi/src/koffi/src"
cp image/dist/main.js image/dist/worker.js "$place/"
cp "$modules/koffi/package.json" "$modules/koffi/index.cjs" "$place/node_modules/koffi/"
cp "$modules/koffi/src/koffi/index.cjs" "$place/node_modules/koffi/src/koffi/"
cp "$modules"/koffi/src/koffi/src/*.cjs "$place/node_modules/koffi/src/koffi/src/"

# npm installed one of the twenty, and in it lie the builds for glibc and for musl.
native=("$modules"/@koromix/koffi-linux-*)
[ ${#native[@]} = 1 ] && [ -d "${native[0]}" ] || { echo "modules.sh: want one native koffi, found ${native[*]}" >&2; exit 1; }
mkdir "$place/node_modules/@koromix"
cp -r "${native[0]}" "$place/node_modules/@koromix/"
rm -r "$place/node_modules/@koromix/${native[0]##*/}"/musl_*

for package in koffi re2js; do # re2js is inside the bundle.
  mkdir -p "$doc/$package"
  cp "$modules/$package"/LICENSE* "$doc/$package/copyright"
done
mkdir -p "$doc/node-cache"
cp LICENSE "$doc/node-cache/copyright"
