#!/usr/bin/env bash
# A root folder with Debian's libraries for another architecture, to build the agent against and to run it in under qemu-user.
#   tools/cross_sysroot.sh arm64|armhf FOLDER
# Packages come from where this machine gets its own, through apt with state of its own: nothing is installed and dpkg's architectures stay
# as they are. The folder is kept; it is made anew when the list of packages changes.
set -euo pipefail
arch=$1 root=$2
packages=(libc6-dev libmosquitto-dev libgps-dev libprotobuf-c-dev libsqlite3-dev libzstd-dev libsodium-dev libcurl4-openssl-dev libssl-dev libcmocka-dev zlib1g-dev)
stamp="$root/.complete"
[[ -f $stamp && $(cat "$stamp") == "${packages[*]}" ]] && exit 0
rm -rf "$root"
mkdir -p "$root"/apt/{lists/partial,cache/archives/partial,sources}
root=$(realpath "$root")
touch "$root/apt/status"
# Debian's main suite alone: one suite is consistent with itself, whichever others this machine follows.
# shellcheck disable=SC2016 # the fields are apt's and awk's
apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(SUITE) $(CREATED_BY) $(ORIGIN) $(COMPONENT)' \
	| awk '$4 == "Packages" && $5 == "Debian" && $6 == "main" && $2 !~ /-/ { print "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] " $1 " " $2 " main"; exit }' > "$root/apt/sources/debian.list"
[[ -s $root/apt/sources/debian.list ]] || { echo "cross: apt knows no Debian main suite on this machine; run apt-get update" >&2; exit 1; }
private=(-o "Dir::State=$root/apt" -o "Dir::State::status=$root/apt/status" -o "Dir::State::lists=$root/apt/lists" -o "Dir::Cache=$root/apt/cache" -o Dir::Etc::sourcelist=/dev/null
	-o "Dir::Etc::sourceparts=$root/apt/sources" -o "APT::Architecture=$arch" -o "APT::Architectures=$arch" -o APT::Install-Recommends=false -o APT::Sandbox::User=root
	-o Acquire::Languages=none -o Acquire::Retries=5 -o Debug::NoLocking=true)
apt-get "${private[@]}" -qq update
apt-get "${private[@]}" -qq -y --download-only install "${packages[@]}" > "$root/apt/log" 2>&1 || { tail -n 5 "$root/apt/log" >&2; exit 1; }
for package in "$root"/apt/cache/archives/*.deb; do dpkg-deb -x "$package" "$root"; done
# Absolute links would lead out of the folder.
find "$root" -type l -lname '/*' | while read -r link; do ln -sfn "$root$(readlink "$link")" "$link"; done
rm -rf "$root/apt"
echo "${packages[*]}" > "$stamp"
