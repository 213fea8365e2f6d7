#!/usr/bin/env bash
# install_packages.sh SET…: installs what is missing of those sets of scripts/packages.txt; silent when nothing is.
set -euo pipefail

fail() {
    printf '%s\n' "$@" >&2
    exit 1
}

packages_of() {
    local list="$1" set
    shift
    for set in "$@"; do
        sed -n "s/^$set //p" "$list"
    done | tr ' ' '\n'
}

# One dpkg-query answers for all; names it does not know are simply not in its answer. No <(…): a chroot may have no /dev/fd.
missing_of() {
    local installed package
    installed=" $(dpkg-query -W -f='${db:Status-Abbrev}${Package}\n' "$@" 2>/dev/null | sed -n 's/^ii *//p' | tr '\n' ' ') "
    for package in "$@"; do
        case "$installed" in *" $package "*) ;; *) printf '%s\n' "$package" ;; esac
    done
}

list="$(dirname "$(readlink -f "$0")")/packages.txt"
[ $# -gt 0 ] || fail "usage: install_packages.sh SET…   (sets: $(sed -n 's/^\([a-z]*\) .*/\1/p' "$list" | sort -u | xargs))"
mapfile -t wanted <<<"$(packages_of "$list" "$@")"

command -v dpkg-query >/dev/null && command -v apt-get >/dev/null || fail \
    "This is not a Debian system, so the packages cannot be installed from here." \
    "Sentinel is built and tested on Debian 12; elsewhere install the equivalents of: ${wanted[*]}" \
    "and use CMake directly: cmake --preset release && cmake --build --preset release"

missing_text="$(missing_of "${wanted[@]}")"
[ -n "$missing_text" ] || exit 0
mapfile -t missing <<<"$missing_text"

if [ "$(id -u)" -eq 0 ]; then
    as_root=()
elif command -v sudo >/dev/null; then
    as_root=(sudo)
else
    fail "These packages are missing: ${missing[*]}" "Installing them needs root or sudo. As root: apt-get install ${missing[*]}"
fi

printf 'Installing from Debian: %s\n' "${missing[*]}" >&2
apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Acquire::Retries=3)
# An unreachable third-party source fails the update and yet hinders nothing; what counts is whether the packages can be had.
"${apt[@]}" update >&2 || true
for package in "${missing[@]}"; do
    apt-cache show "$package" >/dev/null 2>&1 || fail \
        "apt knows no package $package. Sentinel needs Debian 12 (bookworm, main, with its updates), and a network to fetch from;" \
        "this is $(. /etc/os-release && printf '%s' "${PRETTY_NAME:-an unknown system}")."
done
# Sentinel keeps a server of its own: Debian's package must not create and start a cluster beside it.
case " ${missing[*]} " in
    *" postgresql-15 "*)
        "${as_root[@]}" mkdir -p /etc/postgresql-common/createcluster.d
        printf 'create_main_cluster = false\n' |
            "${as_root[@]}" tee /etc/postgresql-common/createcluster.d/sentinel.conf >/dev/null
        ;;
esac
# The tests run nginx and haproxy themselves: no service of theirs may take port 80, now or at the next boot.
services=()
for package in nginx haproxy; do
    case " ${missing[*]} " in *" $package "*) services+=("$package") ;; esac
done
policy=/usr/sbin/policy-rc.d
if [ ${#services[@]} -gt 0 ] && [ ! -e "$policy" ]; then
    trap '"${as_root[@]}" rm -f "$policy"' EXIT
    printf '#!/bin/sh\ncase " $* " in *" nginx "* | *" haproxy "*) exit 101 ;; esac\n' | "${as_root[@]}" tee "$policy" >/dev/null
    "${as_root[@]}" chmod 755 "$policy"
fi
"${apt[@]}" install --no-install-recommends "${missing[@]}" >&2 || fail \
    "apt-get could not install: ${missing[*]}" "Where it says 'Failed to fetch' above, there is no network, or no mirror that /etc/apt names answers."
for service in "${services[@]}"; do
    "${as_root[@]}" update-rc.d "$service" disable >&2
    # A policy-rc.d that was there before may have let it start.
    [ ! -d /run/systemd/system ] || "${as_root[@]}" systemctl stop "$service" >&2
done
