#!/usr/bin/env bash
# build_release.sh TARGET…: brings build/release up to date (the tree that ./run and ./test share).
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
# Where it is configured already, ninja itself configures again as soon as a CMake file changes.
[ -f build/release/build.ninja ] || cmake --preset release >/dev/null
cmake --build --preset release --target "$@"
