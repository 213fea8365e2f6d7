#!/bin/bash
# The raw server beside nginx's `return 200`, on the same cores in the same run: bench/http.sh [http_test_server] [seconds]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
program=${1:-$here/../build/release/tests/http/http_test_server}
seconds=${2:-5}
ports=$(mktemp)
"$program" workers=2 > "$ports" &
server=$!
nginx -c "$here/http_nginx.conf"
trap 'kill $server; nginx -c "$here/http_nginx.conf" -s stop 2> /dev/null; rm -f "$ports"' EXIT
until [ -s "$ports" ]; do :; done
read -r port _ < "$ports"
for round in 1 2 3; do
    for target in "nginx 18999" "sentinel $port"; do
        read -r name at <<< "$target"
        echo "$round $name: $(wrk -t2 -c64 -d"$seconds" "http://127.0.0.1:$at/plain" | grep -E 'Requests/sec|Non-2xx' | tr -s ' \n' ' ')"
    done
done
