#!/bin/bash
# rootfs.sh ARCH ROOT: what the image has besides Node and our bundle, for amd64 or arm64. Runs in a build stage, on any
# of the two: packages of ARCH are unpacked, never installed, and no program of theirs is started.
#
# Programs are named here, their libraries are found: whatever an ELF file under ROOT needs is taken from the packages, and
# the build ends with the name of what no package has. Versions are those of the Debian release the stage is made of; the
# SBOM tells which.
set -euo pipefail
arch=$1 root=$2

case $arch in
  amd64) triplet=x86_64-linux-gnu ;;
  arm64) triplet=aarch64-linux-gnu ;;
  *) echo "rootfs.sh: no image for '$arch'; want amd64 or arm64" >&2; exit 1 ;;
esac

PACKAGES=(
  libc6 libgcc-s1 libstdc++6 gcc-12-base                              # Node's; the last has the copyright of two
  iptables libxtables12 libip4tc2 libip6tc2 libnetfilter-conntrack3 libnfnetlink0
  nftables libnftables1 libnftnl11 libmnl0 libjansson4 libgmp10 libedit2 libtinfo6 libbsd0 libmd0
  ipset libipset13
  iproute2 libbpf1 libelf1 zlib1g libcap2
)
ANYWHERE=(ca-certificates netbase) # Packages without code.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/packages" "$work/files" "$root"

dpkg --add-architecture "$arch"
apt-get update -qq
# apt gives up root for downloads where it can; the folder must let it.
chown _apt "$work" "$work/packages" 2>/dev/null || true
(cd "$work/packages" && apt-get download -qq "${PACKAGES[@]/%/:$arch}" "${ANYWHERE[@]}")
for package in "$work"/packages/*.deb; do
  dpkg-deb --extract "$package" "$work/files"
  dpkg-deb --show --showformat='${Package} ${Version} ${Architecture} ${source:Package} ${source:Version}\n' "$package"
done | LC_ALL=C sort >"$root.packages"

# One /usr, as in Debian: the old places are links.
mkdir -p "$root"/usr/{bin,sbin,lib,lib64,share/doc} "$root"/{etc,proc,sys,dev,tmp,run}
for name in bin sbin lib lib64; do ln -s "usr/$name" "$root/$name"; done
chmod 1777 "$root/tmp"
# Where the manifests mount; a runtime could not make them in a read-only root.
mkdir -p "$root"/etc/{coredns,kube-dns} "$root"/run/node-cache
: >"$root/run/xtables.lock"

# take FILE…: a file of the packages, links followed, at its place below /usr.
take() {
  local file place
  for file in "$@"; do
    place=$root/usr/${file#usr/}
    mkdir -p "$(dirname "$place")"
    cp -L "$work/files/$file" "$place"
  done
}

take bin/ip usr/sbin/nft usr/sbin/ipset usr/sbin/xtables-nft-multi usr/sbin/xtables-legacy-multi
for kind in nft legacy; do
  for family in iptables ip6tables; do
    for action in '' -save -restore; do
      ln -s "xtables-$kind-multi" "$root/usr/sbin/$family-$kind$action"
    done
  done
done
for family in iptables ip6tables; do # Debian's default. Which one a node uses is found out by the cache.
  for action in '' -save -restore; do ln -s xtables-nft-multi "$root/usr/sbin/$family$action"; done
done
# All of them, not only those our rules use: iptables-save fails at a rule of others whose extension is missing.
for file in "$work/files/usr/lib/$triplet/xtables"/*.so; do take "usr/lib/$triplet/xtables/${file##*/}"; done

# libraries_of FILE: what the loader will look for.
libraries_of() { "$triplet-readelf" --dynamic "$1" 2>/dev/null | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'; }

# Node and koffi lie there already; what they need is found like the rest.
take_libraries() {
  local file name found again=true
  while $again; do
    again=false
    while read -r file; do
      for name in $(libraries_of "$file"); do
        [ -e "$root/usr/lib/$triplet/$name" ] && continue
        found=
        for folder in lib usr/lib; do
          [ -e "$work/files/$folder/$triplet/$name" ] && found=$folder/$triplet/$name
        done
        [ -n "$found" ] || { echo "rootfs.sh: ${file#"$root"} needs $name, which no package of the list has" >&2; exit 1; }
        take "$found"
        again=true
      done
    done < <(find "$root" -type f \( -perm /111 -o -name '*.so*' -o -name '*.node' \))
  done
}
take_libraries
# The loader lies where programs ask for it; libraries name it, too.
loader=$("$triplet-readelf" --program-headers "$root/usr/bin/node" | sed -n 's/.*interpreter: \(.*\)]/\1/p')
mkdir -p "$root/usr${loader%/*}"
[ -e "$root/usr$loader" ] || mv "$root/usr/lib/$triplet/${loader##*/}" "$root/usr$loader"
rm -f "$root/usr/lib/$triplet/${loader##*/}"
find "$root/usr/sbin" "$root/usr/lib/$triplet" "$root/usr/bin/ip" -type f -exec chmod 755 {} +

# Data: who is trusted, how names and protocols are called, who runs.
mkdir -p "$root/etc/ssl/certs"
LC_ALL=C find "$work/files/usr/share/ca-certificates" -name '*.crt' | LC_ALL=C sort | while read -r file; do
  cat "$file"
  [ -z "$(tail -c1 "$file")" ] || echo
done >"$root/etc/ssl/certs/ca-certificates.crt"
cp "$work/files/etc/protocols" "$work/files/etc/services" "$root/etc/"
echo 'root:x:0:0:root:/:/sbin/nologin' >"$root/etc/passwd"
echo 'root:x:0:' >"$root/etc/group"
printf 'passwd: files\ngroup: files\nhosts: files dns\nprotocols: files\nservices: files\n' >"$root/etc/nsswitch.conf"

# Licences: each package's own copyright file, and the texts they refer to.
while read -r package _; do
  mkdir -p "$root/usr/share/doc/$package"
  cp -L "$work/files/usr/share/doc/$package/copyright" "$root/usr/share/doc/$package/copyright" 2>/dev/null ||
    rmdir "$root/usr/share/doc/$package"
done <"$root.packages"
mkdir -p "$root/usr/share/common-licenses"
cp -L /usr/share/common-licenses/{Apache-2.0,Artistic,BSD,GPL-1,GPL-2,GPL-3,LGPL-2,LGPL-2.1,LGPL-3,MPL-2.0,GFDL-1.3} \
  "$root/usr/share/common-licenses/"
