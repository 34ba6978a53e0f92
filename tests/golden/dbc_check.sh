#!/usr/bin/env bash
# usage: dbc_check.sh TELLTALE, from the repository's root: `telltale dbc check` of every file of dbc_check/, against .expected (text) and all.json, and the
# exit status: 1 where the expected text has an error, 0 elsewhere, 2 for files that cannot be read.
set -u
telltale=$1 folder=tests/golden/dbc_check bad=0
out=$(mktemp)
trap 'rm -f "$out"' EXIT

expect() { # wanted status, expected output, arguments...
	local want=$1 file=$2 status
	shift 2
	"$telltale" dbc check "$@" >"$out" 2>/dev/null
	status=$?
	diff -u "$file" "$out" || bad=1
	[ "$status" = "$want" ] || { echo "$*: exit status $status, wanted $want"; bad=1; }
}

for file in "$folder"/*.dbc; do
	want=0
	grep -q ': error: ' "${file%.dbc}.expected" && want=1
	expect $want "${file%.dbc}.expected" "$file"
done
expect 1 "$folder/all.json" --json "$folder"/*.dbc
/usr/bin/python3 -c 'import json,sys; [json.loads(line) for line in open(sys.argv[1])]' "$out" || bad=1
expect 2 /dev/null no/such/file.dbc
expect 2 /dev/null
expect 2 /dev/null --nonsense "$folder/clean.dbc"
exit $bad
