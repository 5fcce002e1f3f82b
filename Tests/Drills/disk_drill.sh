#!/usr/bin/env bash
# Fills the disk under a running service, and damages its database, on a file system of its own in memory.
#
#   sudo Tests/Drills/disk_drill.sh        # needs root to mount it
#
# Disk full: writes must be refused by a problem document while reads are answered, and go on when there is room again; the
# audit log's chain must hold. Damaged pages: doctor must report them, and a backup must bring back what it held.
set -euo pipefail
cd "$(dirname "$0")/../.."
bin=$PWD/.build/release root=$PWD url=http://127.0.0.1:18434
disk=$(mktemp -d) work=$(mktemp -d)
mount -t tmpfs -o size=256m tmpfs "$disk"
trap 'kill "$service" 2>/dev/null || true; wait 2>/dev/null || true; umount "$disk"; rm -rf "$work" "$disk"' EXIT
service=
fail() { echo "FAILED: $*"; exit 1; }
expect() { [ "$2" = "$3" ] || fail "$1: expected $3, got $2"; echo "ok  $1: $2"; }

cd "$disk"
"$bin/quote-service" import folder "$root/datasets" >/dev/null 2>&1
key=$("$bin/quote-service" api-keys create --tenant drill --scopes quotes:read,quotes:write --name drill)
cd "$work"
"$bin/quote-service" serve --port 18434 --database "$disk/flashback.sqlite" --notice-seconds 0 2> log & service=$!
curl --silent --retry 50 --retry-connrefused --retry-delay 1 "$url/readyz" >/dev/null
order() {
  curl --silent --output answer.json --write-out '%{http_code}' --header "Authorization: Bearer $key" \
    --header "Idempotency-Key: $1" --data @"$root/datasets/requests/small-app.json" "$url/v1/quotes"
}
expect "a quote while there is room" "$(order before)" 201
id=$(grep -o '"id":"q_[0-9a-f]*"' answer.json | head -1 | cut -d'"' -f4)

dd if=/dev/zero of="$disk/filler" bs=65536 2>/dev/null || true
expect "room left on the disk" "$(df --output=avail "$disk" | tail -1 | tr -d ' ')" 0
status=201 count=0
while [ "$status" = 201 ] && [ $count -lt 500 ]; do count=$((count + 1)); status=$(order "full-$count"); done
expect "a quote on the full disk" "$status" 503
grep -q '"type":"https://flashback.tech/problems/storage"' answer.json || fail "no problem 'storage': $(cat answer.json)"
expect "reading a quote on the full disk" "$(curl --silent --output /dev/null --write-out '%{http_code}' \
  --header "Authorization: Bearer $key" "$url/v1/quotes/$id")" 200
expect "the listing on the full disk" "$(curl --silent --output /dev/null --write-out '%{http_code}' "$url/v1/listing")" 200
rm "$disk/filler"
expect "the refused call, repeated with room" "$(order "full-$count")" 201
"$bin/quote-service" audit verify --database "$disk/flashback.sqlite" | head -1
"$bin/quote-service" backup "$work/backup.sqlite" --database "$disk/flashback.sqlite" >/dev/null
kill "$service"; wait "$service" || true

size=$(stat --format %s "$disk/flashback.sqlite")
for place in 3 5 8; do
  head -c 4096 /dev/urandom | dd of="$disk/flashback.sqlite" bs=4096 seek=$((size / 4096 * place / 10)) conv=notrunc 2>/dev/null
done
"$bin/quote-service" doctor --database "$disk/flashback.sqlite" > examined && fail "doctor passed a damaged database"
grep -E '^FAILED +database' examined || fail "doctor does not name the database: $(cat examined)"
"$bin/quote-service" restore "$work/backup.sqlite" --replace --database "$disk/flashback.sqlite"
"$bin/quote-service" doctor --database "$disk/flashback.sqlite" > examined || fail "doctor after the restore: $(cat examined)"
"$bin/quote-service" serve --port 18434 --database "$disk/flashback.sqlite" --notice-seconds 0 2>> log & service=$!
curl --silent --retry 50 --retry-connrefused --retry-delay 1 "$url/readyz" >/dev/null
expect "the quote of before, from the backup" "$(curl --silent --output /dev/null --write-out '%{http_code}' \
  --header "Authorization: Bearer $key" "$url/v1/quotes/$id")" 200
echo "disk drill passed"
