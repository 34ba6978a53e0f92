#!/usr/bin/env bash
# usage: decode.sh TELLTALE FOLDER NAME: decodes FOLDER/NAME.log from the repository's root and compares stdout, stderr and exit status.
set -u
telltale=$1 folder=$2 name=$3
out=$(mktemp) err=$(mktemp)
trap 'rm -f "$out" "$err"' EXIT
args=()
[ -f "$folder/$name.args" ] && read -ra args <"$folder/$name.args"
"$telltale" decode "${args[@]}" - <"$folder/$name.log" >"$out" 2>"$err"
status=$?
want=0 expected_err=/dev/null
if [ -f "$folder/$name.stderr" ]; then
	want=1 expected_err=$folder/$name.stderr
fi
bad=0
diff -u "$folder/$name.expected" "$out" || bad=1
diff -u "$expected_err" "$err" || bad=1
[ "$status" = "$want" ] || { echo "exit status $status, wanted $want"; bad=1; }
exit $bad
