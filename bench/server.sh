#!/usr/bin/env bash
# Measures `sentinel serve` beside nginx's `return 200` in one run and writes that section of docs/benchmarks.md:
# bench/server.sh [--seconds N] [--rounds N] [--no-page]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
./run --build-only
exec /usr/bin/python3 bench/server.py "$@"
