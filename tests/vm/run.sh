#!/usr/bin/env bash
# The real kernel: boots Debian's ordinary kernel in qemu (TCG, no network) with an initramfs of our release programs and can-utils, runs
# tests/vm/init.sh on vcan0, and checks what the serial console said (tests/vm/check.py).
#
# SocketCAN is a kernel feature that build machines and containers lack (docs/architecture.md); this is where agent and simulator meet it, and
# where the kernel's own can-isotp is an independent peer of our ISO-TP.
set -euo pipefail
cd "$(dirname "$0")/../.."
out=build/vm
bin=build/release/bin
mkdir -p "$out"

package() { # the kernel package that Debian's metapackage stands for; empty when apt's lists do not have it
	apt-cache depends linux-image-amd64 2>/dev/null | awk '$1 == "Depends:" && !found {print $2; found = 1}' || true
}
download() { # works as root and as anybody else: nothing is installed. As root apt warns that it cannot drop its rights for this folder.
	[[ -n $1 ]] && (cd "$out/kernel" && rm -f ./*.deb && apt-get download -qq "$1" 2> apt.log)
}
update_lists() {
	local sudo=()
	if [[ $(id -u) -ne 0 ]]; then sudo=(sudo); fi
	"${sudo[@]}" apt-get update -qq
}
kernel() { # fetch Debian's kernel package once, unpack to $out/kernel/tree what is needed
	[[ -e $out/kernel/ok ]] && return
	rm -rf "$out/kernel"
	mkdir -p "$out/kernel"
	# Lists may be missing or name a version that the mirror has replaced: one update, one more try.
	if ! download "$(package)"; then
		update_lists
		download "$(package)" || { echo "the kernel package '$(package)' (linux-image-amd64) cannot be downloaded:" >&2; cat "$out/kernel/apt.log" >&2; exit 1; }
	fi
	mkdir "$out/kernel/tree"
	dpkg-deb --fsys-tarfile "$out"/kernel/*.deb |
		tar -x -C "$out/kernel/tree" --wildcards './boot/vmlinuz-*' './lib/modules/*/net/can/*'
	rm -f "$out"/kernel/*.deb
	touch "$out/kernel/ok"
}

copy_with_libraries() { # program...
	local program library
	for program in "$@"; do
		install -D -m 755 "$program" "$root/bin/$(basename "$program")"
		ldd "$program" 2>/dev/null | grep -oE '/[^ ]+' | while read -r library; do
			[[ -e $root$library ]] || install -D -m 755 "$library" "$root$library"
		done
	done
}

initramfs() {
	local module tree=$out/kernel/tree/lib/modules
	root=$out/root
	rm -rf "$root"
	mkdir -p "$root"/{bin,proc,sys,dev,tmp,modules,run,etc}
	install -m 755 /bin/busybox "$root/bin/busybox"
	install -m 755 tests/vm/init.sh "$root/init"
	install -m 644 tests/vm/stories.sh "$root/stories.sh"
	for module in can can-raw can-isotp can-j1939 can-gw can-dev vcan; do
		find "$tree" -name "$module.ko" -exec cp {} "$root/modules/" \;
		[[ -e $root/modules/$module.ko ]] || { echo "the kernel in $out/kernel has no module $module; remove that folder to fetch it again" >&2; exit 1; }
	done
	copy_with_libraries "$bin/telltale-agent" "$bin/telltale-sim" "$bin/telltale" \
		"$bin/vm_can_socket_test" "$bin/vm_isotp_peer" "$bin/vm_isotp_against" "$bin/vm_can_load" "$bin/vm_j1939_peer" /usr/bin/stdbuf \
		"$(command -v mosquitto || echo /usr/sbin/mosquitto)" "$(command -v mosquitto_sub)" \
		"$(command -v candump)" "$(command -v cansend)" "$(command -v cangw)" "$(command -v isotpsend)" "$(command -v isotprecv)"
	install -D -m 644 /usr/libexec/coreutils/libstdbuf.so "$root/usr/libexec/coreutils/libstdbuf.so"
	mkdir -p "$root/share/telltale/tests/vm"
	cp -r schemas sim/scenarios sim/tracks "$root/share/telltale/"
	cp tests/vm/kernel_ecu.profile "$root/share/telltale/tests/vm/"
	/usr/bin/python3 tests/vm/payloads.py > "$root/share/payloads"
	echo 'root:x:0:0:root:/tmp:/bin/sh' > "$root/etc/passwd"
	(cd "$root" && find . | cpio -o -H newc --quiet | gzip -1) > "$out/initramfs.gz"
}

boot() {
	local image
	image=$(ls "$out"/kernel/tree/boot/vmlinuz-*)
	timeout 630 qemu-system-x86_64 -accel tcg -cpu max -smp 2 -m 768 -nodefaults -no-reboot -display none -nic none \
		-kernel "$image" -initrd "$out/initramfs.gz" -append "console=ttyS0 quiet panic=-1 loglevel=3" -serial "file:$out/console.log"
}

kernel
initramfs
rm -f "$out/console.log"
boot || { echo "the virtual machine did not end by itself"; tail -n 30 "$out/console.log"; exit 1; }
exec /usr/bin/python3 tests/vm/check.py "$out/console.log"
