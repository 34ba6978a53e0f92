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
ctests() { # preset label-expression
	ctest --test-dir "build/$1" -j2 --output-on-failure --no-tests=error -L "$2"
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
step "unit, golden, contract (gcc)" ctests dev 'unit|golden|contract|fuzz|web|http'
if [[ $quick -eq 0 ]]; then
	step "build: clang, ASan, UBSan, libFuzzer" configure_and_build asan
	step "unit, golden, contract (clang)" ctests asan 'unit|golden|contract|http'
	step "fuzz, ${fuzz_seconds} s a target" fuzz
	step "build: release" configure_and_build release
	step "power cuts and processes (gcc)" ctests dev 'slow|e2e'
	step "end to end" env PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 -m pytest -q -n 2 --durations 8 -p no:cacheprovider tests/e2e
	[[ $vm -eq 1 ]] && step "virtual machine: the real kernel" tests/vm/run.sh
fi

printf '\n%d s in all\n' $((SECONDS - started))
if [[ ${#failed[@]} -gt 0 ]]; then
	printf 'FAILED: %s\n' "${failed[@]}"
	exit 1
fi
echo "all steps passed"
