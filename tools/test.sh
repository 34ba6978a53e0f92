#!/usr/bin/env bash
# Everything that proves Telltale, in order of cost. `./dev test` calls it after installing packages.
#   --no-vm   leave out the virtual machine (tests/vm)
#   --quick   unit, golden, contract and lint only
set -uo pipefail
cd "$(dirname "$0")/.." || exit 2
vm=1 quick=0 fuzz_seconds=${TT_FUZZ_SECONDS:-30}
for arg in "$@"; do
	case "$arg" in
	--no-vm) vm=0 ;;
	--quick) quick=1 ;;
	*) echo "usage: ./dev test [--no-vm] [--quick]" >&2; exit 2 ;;
	esac
done
failed=() started=$SECONDS

step() { # name command...
	local name=$1 from=$SECONDS
	shift
	printf '\n== %s\n' "$name"
	if "$@"; then
		printf '== %s: passed in %d s\n' "$name" $((SECONDS - from))
	else
		printf '== %s: FAILED after %d s\n' "$name" $((SECONDS - from))
		failed+=("$name")
	fi
}

configure_and_build() { # preset
	if cmake --preset "$1" > "build/$1.log" 2>&1 && cmake --build "build/$1" >> "build/$1.log" 2>&1; then return; fi
	tail -n 40 "build/$1.log"
	return 1
}
web_client() { ./dev web && (cd server/web && npm run --silent check && npm test --silent); }
ctests() { # preset labels [labels to leave out]
	ctest --test-dir "build/$1" -j2 --output-on-failure --no-tests=error -L "$2" -LE "${3:-^$}"
}
races() { # ThreadSanitizer: what has threads, the server's pools and stream watcher and the gateway's workers, on sockets and a real broker
	local from=build/tsan status=0
	mkdir -p "$from"
	rm -f "$from"/race.*
	if ! { cmake --preset tsan && cmake --build "$from" --target telltale telltale-server telltale-seed telltale-gateway mqtt_load \
		server_hub_test server_parts_test gateway_turn_test gateway_inbox_test gateway_metrics_test; } > build/tsan.log 2>&1; then
		tail -n 40 build/tsan.log
		return 1
	fi
	# Programs are killed in the midst of it, so a report is a file, not an exit status.
	export TSAN_OPTIONS="log_path=$PWD/$from/race second_deadlock_stack=1"
	ctest --test-dir "$from" -j2 --output-on-failure --no-tests=error \
		-R '^(server_(hub|parts)|gateway_(turn|inbox|metrics)|http_(api|streams|hostile|notify))_test$' || status=1
	TT_E2E_BUILD=tsan PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 -m pytest -q -x -p no:cacheprovider tests/e2e/test_gateway.py \
		-k 'broker_that_restarts or sigterm' || status=1
	unset TSAN_OPTIONS
	if compgen -G "$from/race.*" > /dev/null; then head -n 60 "$from"/race.*; status=1; fi
	return $status
}
fuzz() { # every target, from the committed corpus, two at a time
	local status=0 names
	mapfile -t names < <(grep . build/asan/fuzzers.txt)
	[[ ${#names[@]} -gt 0 ]] || { echo "no fuzz targets"; return 1; }
	printf '%s\n' "${names[@]}" | xargs -P 2 -I{} tools/fuzz_one.sh {} "$fuzz_seconds" || status=1
	return $status
}

mkdir -p build
step "web client" web_client
step "build: gcc, ASan, UBSan" configure_and_build dev
step "lint" tools/lint.sh build/dev
step "unit, golden, contract (gcc)" ctests dev 'unit|golden|contract|fuzz|web|http' 'slow|e2e'
if [[ $quick -eq 0 ]]; then
	step "build: clang, ASan, UBSan, libFuzzer" configure_and_build asan
	step "unit, golden, contract (clang)" ctests asan 'unit|golden|contract|http' 'slow|e2e'
	step "fuzz, ${fuzz_seconds} s a target" fuzz
	step "coverage of the protocol cores" /usr/bin/python3 tools/coverage.py
	step "races: clang, ThreadSanitizer" races
	step "build: release" configure_and_build release
	step "power cuts, processes, the desk in a browser (gcc)" ctests dev 'slow|e2e'
	step "the agent for arm64 and armhf, under qemu-user" tools/cross.sh
	step "the agent's Debian package" tools/package.sh
	step "end to end" env PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 -m pytest -q -n 2 --durations 8 -p no:cacheprovider tests/e2e
	[[ $vm -eq 1 ]] && step "virtual machine: the real kernel" tests/vm/run.sh
fi

printf '\n%d s in all\n' $((SECONDS - started))
if [[ ${#failed[@]} -gt 0 ]]; then
	printf 'FAILED: %s\n' "${failed[@]}"
	exit 1
fi
echo "all steps passed"
