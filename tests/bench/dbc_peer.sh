#!/usr/bin/env bash
# The same frames through a public decoder, for comparison: candied 2.2.0 (ISC), an npm package, run by node. Installed into build/bench on first
# use; where that is not possible the row says so. Never part of the build or the tests.
# usage: dbc_peer.sh FILE.dbc...
set -u
cd "$(dirname "$0")/../.." || exit 2
folder=build/bench/peer
mkdir -p "$folder"
if [[ ! -d $folder/node_modules/candied ]]; then
	echo '{"private": true}' > "$folder/package.json"
	if ! timeout 120 npm install --prefix "$folder" --silent --no-fund --no-audit --ignore-scripts candied@2.2.0 > "$folder/npm.log" 2>&1; then
		echo "decode: candied could not be installed; no peer"
		exit 0
	fi
fi
cp tests/bench/dbc_peer.mjs "$folder/"
exec node "$folder/dbc_peer.mjs" "$@"
