#!/usr/bin/env bash
# Measures and prints the tables of docs/performance.md. `./dev bench` builds the release programs first. Everything talks on loopback only,
# is bounded in count and time and ends by itself; all of it takes under ten minutes on two idle cores.
#   --write   put what was measured into docs/performance.md; what was not measured now keeps its place, its figures and their date
#   NAME...   only these: footprint bus parked resume decode wire ingest latency queue
#
# Everything is compared with something else measured in the same run on the same machine; absolute figures are of that machine at that moment.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 2
bin=build/release/bin
out=build/bench
python="/usr/bin/python3 -B"
all=(footprint bus parked resume decode wire ingest latency queue)
write=0 names=()
for arg in "$@"; do
	case "$arg" in
	--write) write=1 ;;
	*) names+=("$arg") ;;
	esac
done
[[ ${#names[@]} -gt 0 ]] || names=("${all[@]}")
mkdir -p "$out"

# Whatever hangs ends here; no measurement needs half of it.
limited() { timeout -k 10 300 "$@"; }

wire() {
	local logs=(tests/data/gps/shanghai.nmea tests/data/gps/canyon.nmea)
	# What real receivers said, where it is at hand.
	for log in "${TT_GPS_LOGS:-../shared/data/gps}"/*.log; do
		[[ -e $log ]] && logs+=("$log")
	done
	TT_SOURCE_DIR=$PWD limited $bin/bench_wire "${logs[@]}" || return
	printf '\nThe chunk alone, every signal at its full rate (tests/bench/data/drive.samples), beside plain protobuf, and that through zlib:\n\n'
	# shellcheck disable=SC2016 # a Markdown fence
	printf '```text\n%s\n```\n' "$(limited $bin/bench_chunk tests/bench/data/drive.samples)"
}
# shellcheck disable=SC2086 # python is two words
run() {
	case "$1" in
	footprint) limited $python tests/bench/agent_footprint.py ;;
	bus) limited $python tests/bench/bus_load.py ;;
	parked) TT_SOURCE_DIR=$PWD limited $bin/bench_parked ;;
	resume) limited $python tests/bench/resume_bench.py ;;
	decode) limited $python tests/bench/decode_bench.py ;;
	wire) wire ;;
	ingest) limited $python tests/bench/ingest_bench.py --messages 100000 --rounds 3 ;;
	latency) limited $python tests/bench/crash_latency.py ;;
	queue) limited $bin/bench_queue 1000000 ;;
	*) echo "no such measurement: $1" >&2; return 2 ;;
	esac
}

status=0 good=()
for name in "${names[@]}"; do
	printf '\n== %s\n\n' "$name"
	run "$name" 2> "$out/$name.err" | tee "$out/$name.txt"
	if [[ ${PIPESTATUS[0]} -eq 0 ]]; then
		good+=("$name")
	else
		echo "failed; see $out/$name.err"
		status=1
	fi
done

if [[ $write -eq 1 && ${#good[@]} -gt 0 ]]; then
	/usr/bin/python3 -B tools/bench_page.py docs/performance.md "$out" "${good[@]}" || status=1
fi
exit $status
