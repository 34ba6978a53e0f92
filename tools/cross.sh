#!/usr/bin/env bash
# The agent for arm64 and armhf: cross-built, its pure rooms' tests run under qemu-user, the program started once.
#   tools/cross.sh [arm64|armhf ...]
# Debian's libraries for these architectures are kept in the user's cache folder between runs.
set -euo pipefail
cd "$(dirname "$0")/.."
cache=${XDG_CACHE_HOME:-$HOME/.cache}/telltale
declare -A emulator=([arm64]=qemu-aarch64-static [armhf]=qemu-arm-static)
[[ $# -gt 0 ]] || set -- arm64 armhf
for arch; do
	root=$cache/sysroot-$arch
	build=build/cross-$arch
	tools/cross_sysroot.sh "$arch" "$root"
	mkdir -p "$build"
	if ! { cmake -S . -B "$build" -G Ninja -DCMAKE_TOOLCHAIN_FILE=cmake/cross.cmake -DTT_ARCH="$arch" -DTT_SYSROOT="$root" \
		-DTT_AGENT_ONLY=ON -DCMAKE_BUILD_TYPE=Release && cmake --build "$build"; } > "$build.log" 2>&1; then
		tail -n 40 "$build.log"
		exit 1
	fi
	ctest --test-dir "$build" -j2 --output-on-failure --no-tests=error
	"${emulator[$arch]}" -L "$root" "$build/bin/telltale-agent" --help > /dev/null
	printf '%s: %s\n' "$arch" "$(file -b "$build/bin/telltale-agent" | cut -d, -f1-2)"
done
