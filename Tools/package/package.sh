#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Packs a release: a tarball, a Debian package, an SBOM, and the sums of all three. No network.
#
#   Tools/package/package.sh PROGRAM CHECKOUTS FOLDER
#
# PROGRAM is a martlet that was linked with --static-swift-stdlib, CHECKOUTS the folder with the sources of the packages it was
# built from (.build/checkouts). FOLDER is made anew. Dates are those of the last commit, so that one program gives one package.
# MARTLET_MAINTAINER ("Name <address>") goes into the Debian package. At the end each package is unpacked and its program runs.
set -euo pipefail

if (($# != 3)); then
    sed -n '3,10s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
    exit 2
fi
tools=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$tools/../.." && pwd)
program=$(realpath -- "$1")
checkouts=$(realpath -- "$2")
readonly tools root program checkouts folder=$3
readonly maintainer=${MARTLET_MAINTAINER:-Martlet contributors <martlet@localhost>}

fail() {
    printf 'package: %s\n' "$*" >&2
    exit 1
}
for command in dpkg-deb readelf strip xz python3; do
    command -v "$command" >/dev/null || fail "$command is needed and missing"
done

# --- what the program needs -------------------------------------------------------------------------------------------

# Debian's packages of the libraries that a program is linked with, each with the version that is installed here or, for the C
# library, that its symbols ask for.
debian_depends() {
    local library path owner version result=()
    while read -r library; do
        path=$(ldconfig -p | sed -n "s/^[[:space:]]*${library//./\\.} (libc6,x86-64.*=> //p" | sed -n 1p)
        [[ -n $path ]] || fail "it is linked with $library, which is not a library of this system: link it with --static-swift-stdlib"
        owner=$({ dpkg-query -S "$path" || dpkg-query -S "$(realpath "$path")" || dpkg-query -S "*/${path##*/}"; } 2>/dev/null |
            sed -n 's/^\([^:]*\).*/\1/p' | sed -n 1p)
        [[ -n $owner ]] || fail "no package has $path"
        if [[ $owner == libc6 ]]; then
            version=$(readelf -V "$1" | grep -o 'GLIBC_[0-9.]*' | sed 's/GLIBC_//' | sort -Vu | tail -n 1)
        else
            version=$(dpkg-query -W -f '${source:Upstream-Version}' "$owner")
        fi
        result+=("$owner (>= $version)")
    done < <(readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | grep -v '^ld-linux')
    printf '%s\n' "${result[@]}" | sort -u | paste -sd, | sed 's/,/, /g'
}

case $(uname -m) in
    x86_64) architecture=amd64 ;;
    aarch64) architecture=arm64 ;;
    *) fail "no packages are made on $(uname -m)" ;;
esac
version=$("$program" --version)
swift_version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9.]*\).*/\1/p' | sed -n 1p)
swift_license=$(dirname "$(dirname "$(realpath "$(command -v swift)")")")/share/swift/LICENSE.txt
[[ -f $swift_license ]] || fail "the toolchain's licence is not at $swift_license"
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$root" log -1 --format=%ct 2>/dev/null || date +%s)}
export SOURCE_DATE_EPOCH
date=$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%d)
depends=$(debian_depends "$program")

scratch=$(mktemp -d "${TMPDIR:-/tmp}/martlet-package.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
rm -rf -- "$folder"
mkdir -p -- "$folder"

# --- what goes into both packages -------------------------------------------------------------------------------------

readonly name=martlet-$version-linux-$(uname -m) tree=$scratch/tree/usr
install -d "$tree"
strip --strip-all -o "$scratch/martlet" "$program"
MARTLET_RELEASE_DATE=$date "$tools/install.sh" "$scratch/martlet" "$tree" >/dev/null
readonly doc=$tree/share/doc/martlet
python3 "$tools/sbom.py" --resolved "$root/Package.resolved" --checkouts "$checkouts" --version "$version" \
    --swift-version "$swift_version" --swift-license "$swift_license" --created "${date}T00:00:00Z" \
    --sbom "$folder/martlet-$version.spdx.json" --notices "$doc/THIRD-PARTY-NOTICES"
install -m 644 "$folder/martlet-$version.spdx.json" "$doc/martlet.spdx.json"
install -d "$doc/systemd"
install -m 644 "$root"/deploy/systemd/*.service "$doc/systemd/"

# --- the tarball ------------------------------------------------------------------------------------------------------

pack() { tar --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" "$@"; }
pack -C "$scratch/tree" --transform "s,^usr,$name," -c usr | xz -T0 -6 >"$folder/$name.tar.xz"

# --- the Debian package -----------------------------------------------------------------------------------------------

install -d "$scratch/tree/DEBIAN"
gzip -9n "$tree"/share/man/man1/*.1 "$doc/THIRD-PARTY-NOTICES"
cat >"$doc/copyright" <<TEXT
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: martlet
Comment: the code of others that is in the program, with its licences, is listed in THIRD-PARTY-NOTICES.gz and martlet.spdx.json.

Files: *
Copyright: the authors of Martlet
License: Apache-2.0
 The full text is in /usr/share/common-licenses/Apache-2.0.
TEXT
# Pages point at it, and Debian has the text once for all packages.
ln -sf /usr/share/common-licenses/Apache-2.0 "$doc/LICENSE"
cat >"$scratch/tree/DEBIAN/control" <<TEXT
Package: martlet
Version: $version
Architecture: $architecture
Maintainer: $maintainer
Installed-Size: $(du -sk "$tree" | cut -f 1)
Depends: $depends
Recommends: ca-certificates
Suggests: ocl-icd-libopencl1, libpq5
Section: utils
Priority: optional
Description: makes and verifies zk-SNARK proofs
 Martlet proves circom's circuits with Groth16 on BN254, BLS12-381 and
 BLS12-377: as a command, as a worker on a directory, and as a service on the
 network, on processors and on OpenCL devices. It reads and writes snarkjs'
 files.
TEXT
(cd "$scratch/tree" && find usr -type f -print0 | sort -z | xargs -0 md5sum) >"$scratch/tree/DEBIAN/md5sums"
readonly deb=martlet_${version}_$architecture.deb
dpkg-deb --root-owner-group -Zxz --build "$scratch/tree" "$folder/$deb" >/dev/null

(cd "$folder" && sha256sum ./*.tar.xz ./*.deb ./*.json >SHA256SUMS)

# --- what was packed works --------------------------------------------------------------------------------------------

mkdir "$scratch/tarball" "$scratch/deb"
tar -C "$scratch/tarball" -xJf "$folder/$name.tar.xz"
dpkg-deb -x "$folder/$deb" "$scratch/deb"
readonly vectors=$root/Tests/Vectors/snarkjs/groth16-bn128-multiplier
for packed in "$scratch/tarball/$name/bin/martlet" "$scratch/deb/usr/bin/martlet"; do
    env -i "$packed" prove --backend cpu --zkey "$vectors/circuit_final.zkey" --witness "$vectors/witness.wtns" \
        --proof "$scratch/proof.json" --public "$scratch/public.json" >/dev/null
    env -i "$packed" verify --vkey "$vectors/verification_key.json" --public "$scratch/public.json" \
        --proof "$scratch/proof.json" >/dev/null
done

size() { printf '%.1f MB' "$(stat -c %s "$1")e-6"; }
printf 'program    %s, stripped %s\n' "$(size "$program")" "$(size "$scratch/martlet")"
printf 'tarball    %s  %s\n' "$(size "$folder/$name.tar.xz")" "$folder/$name.tar.xz"
printf 'package    %s  %s\n' "$(size "$folder/$deb")" "$folder/$deb"
printf 'depends    %s\n' "$depends"
python3 "$tools/start.py" "$scratch/martlet" --version
