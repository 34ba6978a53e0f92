#!/usr/bin/env bash
# clang-tidy with .clang-tidy over rooms (default: the ones that read what others send). Exits 1 when there is a finding. Minutes, not seconds.
# usage: tools/tidy.sh [BUILD_DIR [ROOM...]] (a configured and built preset)
set -u
cd "$(dirname "$0")/.." || exit 2
build=${1:-build/dev}
shift
[ $# -gt 0 ] || set -- firmware/proto wire gateway crm server
# The commands are gcc's: its warning options are unknown to clang.
git ls-files -z -- "${@/%//*.c}" | xargs -0 -P 2 -n 4 clang-tidy --quiet -p "$build" --extra-arg=-Wno-unknown-warning-option 2> /dev/null || exit 1
echo "tidy: clean"
