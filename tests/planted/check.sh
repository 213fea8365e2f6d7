#!/bin/bash
# Applies each planted bug of this folder to a copy of the tree and shows that the differential tests go red.
#   check.sh [--keep DIR] [NAME…]   DIR: build in DIR and leave it there; NAME: only patches whose name contains it
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
seconds_allowed=60

if [[ ${1:-} == --help ]]; then
    sed -n '2,3s/^# //p' "${BASH_SOURCE[0]}"
    exit 0
fi
if [[ ${1:-} == --keep ]]; then
    copy=$2
    shift 2
    mkdir -p "$copy"
else
    copy=$(mktemp -d)
    trap 'rm -rf "$copy"' EXIT
fi

# Without time stamps newer than the copy's objects, a kept build folder stays good.
(cd "$root" && tar -cf - --exclude='./build*' --exclude=./.git CMakeLists.txt cmake migrations src tests) | tar -xf - -C "$copy"

cmake -S "$copy" -B "$copy/build" -G Ninja -DCMAKE_BUILD_TYPE=Release >"$copy/configure.log" || { cat "$copy/configure.log"; exit 1; }
programs="$copy/build/tests/differential"

build() {
    ninja -C "$copy/build" sentinel_differential laws >"$copy/build.log" 2>&1 || { tail -30 "$copy/build.log"; return 1; }
}

# 0 when a difference shows (exit code 1: a crash or a time-out is none). A stale patch shows only where snapshots are patched.
is_red() {
    local status=0
    timeout "$seconds_allowed" "$programs/sentinel_differential" --cases 400000 --seed 1 --keep 1 --stop-after 1 --found "$copy/found" \
        >"$copy/run.log" 2>&1 || status=$?
    if ((status == 0)); then
        timeout "$seconds_allowed" "$programs/laws" --law patch --cases 100000 --seed 1 >"$copy/run.log" 2>&1 || status=$?
    fi
    ((status == 1))
}

echo "planted: building the tree without a bug"
build
if is_red; then
    echo "planted: the tree is red without any planted bug:"
    tail -5 "$copy/run.log"
    exit 1
fi

planted=0
found=0
for patch in "$here"/*.patch; do
    name=$(basename "$patch" .patch)
    if [[ $# -gt 0 ]]; then
        wanted=false
        for part in "$@"; do [[ $name == *"$part"* ]] && wanted=true; done
        $wanted || continue
    fi
    planted=$((planted + 1))
    if ! patch --quiet -d "$copy" -p1 <"$patch" >"$copy/patch.log" 2>&1; then
        echo "FAILED $name: the patch no longer applies"
        cat "$copy/patch.log"
        continue
    fi
    if build; then
        started=$SECONDS
        if is_red && ((SECONDS - started <= seconds_allowed)); then
            found=$((found + 1))
            echo "ok     $name: red after $((SECONDS - started)) s: $(grep -m1 -E '^(DIFFERENCE|BROKEN)' "$copy/run.log" | cut -c1-70)"
        else
            echo "FAILED $name: not seen"
        fi
    else
        echo "FAILED $name: does not build"
    fi
    patch --quiet -R -d "$copy" -p1 <"$patch"
done
echo "planted: $planted bugs, $found found"
[[ $planted -gt 0 && $planted -eq $found ]]
