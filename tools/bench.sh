#!/usr/bin/env bash
# Measures and prints the tables of docs/performance.md. `./dev bench` builds the release programs first.
#   --write   put what was measured into docs/performance.md
#   NAME...   only these: footprint parked resume decode wire ingest latency queue
#
# Everything is compared with something else measured in the same run on the same machine; absolute figures are of that machine at that moment.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 2
bin=build/release/bin
out=build/bench
python=/usr/bin/python3
write=0 names=()
for arg in "$@"; do
	case "$arg" in
	--write) write=1 ;;
	*) names+=("$arg") ;;
	esac
done
[[ ${#names[@]} -gt 0 ]] || names=(footprint parked resume decode wire ingest latency queue)
mkdir -p "$out"

declare -A title=(
	[footprint]="The agent in the car"
	[parked]="A car parked for 30 days"
	[resume]="From resume to publish"
	[decode]="Decoding frames"
	[wire]="Telemetry on the wire"
	[ingest]="Durable ingest against a subscriber that does nothing"
	[latency]="A crash, from the frame to the desk"
	[queue]="The queue at a million tickets"
)
run() {
	case "$1" in
	footprint) $python tests/bench/agent_footprint.py ;;
	parked) TT_SOURCE_DIR=$PWD $bin/bench_parked ;;
	resume) $python tests/bench/resume_bench.py ;;
	decode)
		$bin/bench_decode schemas/dbc/telltale_demo.dbc tests/bench/data/multiplexed.dbc tests/bench/data/fd.dbc
		tests/bench/dbc_peer.sh schemas/dbc/telltale_demo.dbc tests/bench/data/multiplexed.dbc
		$python tests/bench/bus_load.py
		;;
	wire)
		echo "Our drive (tests/bench/data/drive.samples):"
		echo
		$bin/bench_chunk tests/bench/data/drive.samples
		# What real receivers said, where it is at hand: positions only, and short.
		for log in "${TT_GPS_LOGS:-../shared/data/gps}"/*.log; do
			[[ -e $log ]] || continue
			$python tests/bench/data/nmea_samples.py "$log" > "$out/nmea.samples" || continue
			printf '\n%s:\n\n' "$(basename "$log")"
			$bin/bench_chunk "$out/nmea.samples"
		done
		;;
	ingest) $python tests/bench/ingest_bench.py --messages 100000 --rounds 3 ;;
	latency) $python tests/bench/crash_latency.py ;;
	queue) $bin/bench_queue 1000000 ;;
	*) echo "no such measurement: $1" >&2; return 2 ;;
	esac
}

status=0
for name in "${names[@]}"; do
	printf '\n## %s\n\n' "${title[$name]-$name}"
	run "$name" 2> "$out/$name.err" | tee "$out/$name.txt"
	if [[ ${PIPESTATUS[0]} -ne 0 ]]; then
		echo "failed; see $out/$name.err"
		status=1
	fi
done

if [[ $write -eq 1 && $status -eq 0 ]]; then
	{
		sed '/^<!-- measured -->$/q' docs/performance.md
		printf '\nMeasured on %s, %s cores, %s, commit %s.\n' "$(date -u +%F)" "$(nproc)" "$(uname -m)" "$(git rev-parse --short HEAD)"
		for name in footprint parked resume decode wire ingest latency queue; do
			[[ -s $out/$name.txt ]] || continue
			# shellcheck disable=SC2016 # backticks are Markdown
			printf '\n## %s\n\n`./dev bench %s`\n\n' "${title[$name]}" "$name"
			if [[ $(head -c 1 "$out/$name.txt") == '|' ]]; then
				cat "$out/$name.txt"
			else
				# shellcheck disable=SC2016 # a Markdown fence
				printf '```text\n%s\n```\n' "$(cat "$out/$name.txt")"
			fi
		done
	} > "$out/performance.md"
	cp "$out/performance.md" docs/performance.md
	echo "written: docs/performance.md"
fi
exit $status
