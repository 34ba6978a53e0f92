#!/usr/bin/env bash
# Lint: formatting, dependency rules, pure archives, symbol prefix, shell and Python syntax. Prints each finding; exits 1 when there is one.
# usage: tools/lint.sh BUILD_DIR (a configured and built preset)
set -u
cd "$(dirname "$0")/.." || exit 2
build=${1:-build/dev}
bad=0
say() { printf 'lint: %s\n' "$1"; bad=1; }

# Formatting: clang-format 14 with .clang-format.
if ! git ls-files '*.c' '*.h' | grep -v '^third_party/' | xargs clang-format --dry-run -Werror 2> "$build/format.log"; then
	say "not formatted (run ./dev fmt): $(grep -oE '^[^:]+:[0-9]+' "$build/format.log" | cut -d: -f1 | sort -u | head -n 5 | tr '\n' ' ')"
fi

# No include climbs out of its room; the compiler's include paths do the rest (cmake/rooms.cmake).
climbing=$(git grep -nE '#include "\.\.' -- '*.c' '*.h')
[ -z "$climbing" ] || say "an include climbs out of its room: $climbing"

# The in-car agent never uses the record; the record never sees MQTT or HTTP.
crossing=$(git grep -nE '#include "(crm|gateway|server|operator)/' -- firmware base wire)
[ -z "$crossing" ] || say "a lower room includes an upper one: $crossing"
crossing=$(git grep -nE '#include [<"](mosquitto|microhttpd|curl)' -- crm)
[ -z "$crossing" ] || say "the record sees MQTT or HTTP: $crossing"

# Pure archives use nothing of the system (the allow-list stands in tests/lint/pure_allowed.txt).
while read -r archive; do
	[ -f "$archive" ] || { say "pure archive $archive was not built"; continue; }
	outside=$(nm -u "$archive" 2>/dev/null | awk '$1=="U"{print $2}' | grep -vE '^(tt_|__asan|__ubsan|__sanitizer|__stack_chk|_GLOBAL_OFFSET)' | sort -u |
		grep -vxF -f tests/lint/pure_allowed.txt)
	[ -z "$outside" ] || say "$archive is not pure: $(echo "$outside" | tr '\n' ' ')"
	impure=$(nm -u "$archive" 2>/dev/null | awk '$1=="U"{print $2}' | grep -xE 'tt_(mono_now|utc_now|utc_quality|log|log_.*|loop_.*|config_.*|errmsg_set)')
	[ -z "$impure" ] || say "$archive touches the I/O half of base: $(echo "$impure" | sort -u | tr '\n' ' ')"
done < "$build/pure_archives.txt"

# Every external symbol of ours begins with tt_.
while read -r archive; do
	if [[ ! -f $archive || $archive == */tests/* ]]; then continue; fi
	foreign=$(nm --defined-only -g "$archive" 2>/dev/null | awk 'NF==3 && $2 ~ /[TDBRCV]/{print $3}' | grep -vE '^(tt_|TT_|__asan|__odr_asan|__ubsan|telltale__)' | sort -u)
	[ -z "$foreign" ] || say "$archive defines names without tt_: $(echo "$foreign" | head -n 5 | tr '\n' ' ')"
done < "$build/archives.txt"

for script in dev .ci/run $(git ls-files '*.sh'); do
	shellcheck -x "$script" > "$build/shellcheck.log" 2>&1 || { say "shellcheck $script:"; head -n 20 "$build/shellcheck.log"; }
done
for script in $(git ls-files '*.py'); do
	/usr/bin/python3 -m py_compile "$script" || say "$script does not compile"
done

# No machine path, no registry host, no private key.
leaks=$(git grep -nIE '(/work/|/root/|BEGIN (EC |RSA )?PRIVATE KEY)' -- . ':!tools/lint.sh' | head -n 5)
[ -z "$leaks" ] || say "a machine's path or a key is committed: $leaks"
leaks=$(git grep -nE '"resolved":' -- '*package-lock.json' | head -n 3)
[ -z "$leaks" ] || say "the lock file names a registry's host: $leaks"

[ "$bad" = 0 ] && echo "lint: clean"
exit "$bad"
