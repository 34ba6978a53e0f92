#!/usr/bin/env bash
# One fuzz target for some seconds, from its committed corpus; new inputs go to the build folder. Prints one line; on a crash the report.
# usage: tools/fuzz_one.sh TARGET SECONDS
set -u
cd "$(dirname "$0")/.." || exit 2
name=$1 seconds=$2
found=build/asan/fuzz-found/$name
log=build/asan/$name.log
mkdir -p "$found"
if build/asan/fuzz/"$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
	-artifact_prefix="$found/crash-" "$found" "tests/fuzz/corpus/$name" > "$log" 2>&1; then
	printf '%-24s %s runs\n' "$name" "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")"
else
	printf '%-24s FOUND SOMETHING; input in %s\n' "$name" "$found"
	grep -vE '^#[0-9]+\s+(NEW|REDUCE|pulse)' "$log" | tail -n 40
	exit 1
fi
