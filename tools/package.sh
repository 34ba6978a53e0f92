#!/usr/bin/env bash
# The Debian package of the in-car agent, built from what is committed, checked, left in build/package/.
#   tools/package.sh            for this machine
# Checks: the programs start from the unpacked package, the units are valid and their exposure stays low.
set -euo pipefail
cd "$(dirname "$0")/.."
out=$PWD/build/package
rm -rf "$out"
mkdir -p "$out/src" "$out/tree"
git archive HEAD | tar -x -C "$out/src"
if ! (cd "$out/src" && DEB_BUILD_OPTIONS="parallel=2" dpkg-buildpackage -b -us -uc) > "$out/log" 2>&1; then
	tail -n 40 "$out/log"
	exit 1
fi
package=$(ls "$out"/telltale-agent_*.deb)
dpkg-deb -x "$package" "$out/tree"
dpkg-deb -f "$package" Package Version Architecture Depends Installed-Size
for file in usr/lib/telltale-agent/{telltale-agent,telltale-launch,telltale-update} usr/share/doc/telltale-agent/examples/agent.conf.example usr/share/telltale-agent/profiles/demo.profile \
	usr/lib/sysusers.d/telltale-agent.conf lib/systemd/system/{telltale-agent.service,telltale-update.service,telltale-update.timer}; do
	[[ -e $out/tree/$file ]] || { echo "the package lacks $file"; dpkg-deb -c "$package"; exit 1; }
done
for program in telltale-agent telltale-update; do "$out/tree/usr/lib/telltale-agent/$program" --help > /dev/null; done
mkdir -p "$out/state"
"$out/tree/usr/lib/telltale-agent/telltale-launch" "$out/state" "$out/tree/usr/lib/telltale-agent/telltale-agent" --help > /dev/null
# Exposure as systemd counts it, 0 (none) to 10; 20 stands for 2.0. Unit files are checked as they will lie on the car.
units=("$out"/tree/lib/systemd/system/telltale-*.service)
for unit in "${units[@]}"; do
	systemd-analyze security --offline=yes --threshold=20 --no-pager "$unit" > "$out/security" || { tail -n 60 "$out/security"; exit 1; }
	tail -n 1 "$out/security"
done
systemd-analyze verify --root="$out/tree" --recursive-errors=no telltale-agent.service telltale-update.service telltale-update.timer 2>&1 | grep -i telltale | grep -viE "not executable|No such file" && exit 1
echo "$package"
