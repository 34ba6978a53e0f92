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

kernel() { # fetch Debian's kernel package once, unpack it to $out/kernel
	[[ -e $out/kernel/ok ]] && return
	local package
	package=$(apt-cache depends linux-image-amd64 | awk '/Depends:/{print $2; exit}')
	[[ -n $package ]] || { apt-get update -qq; package=$(apt-cache depends linux-image-amd64 | awk '/Depends:/{print $2; exit}'); }
	[[ -n $package ]] || { echo "no kernel package linux-image-amd64 in apt's lists" >&2; exit 1; }
	rm -rf "$out/kernel"
	mkdir -p "$out/kernel"
	(cd "$out/kernel" && apt-get download -qq "$package" 2>/dev/null)
	dpkg-deb -x "$out"/kernel/*.deb "$out/kernel/tree"
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
	for module in can can-raw can-isotp can-dev vcan; do
		find "$tree" -name "$module.ko*" -exec cp {} "$root/modules/" \;
	done
	copy_with_libraries "$bin/telltale-agent" "$bin/telltale-sim" "$bin/telltale" \
		"$(command -v mosquitto || echo /usr/sbin/mosquitto)" "$(command -v mosquitto_sub)" \
		"$(command -v candump)" "$(command -v cansend)" "$(command -v isotpsend)" "$(command -v isotprecv)"
	mkdir -p "$root/share"
	cp -r schemas sim/scenarios sim/tracks "$root/share/"
	echo 'root:x:0:0:root:/tmp:/bin/sh' > "$root/etc/passwd"
	(cd "$root" && find . | cpio -o -H newc --quiet | gzip -1) > "$out/initramfs.gz"
}

boot() {
	local image
	image=$(ls "$out"/kernel/tree/boot/vmlinuz-*)
	timeout 300 qemu-system-x86_64 -accel tcg -cpu max -smp 2 -m 768 -nodefaults -no-reboot -display none -nic none \
		-kernel "$image" -initrd "$out/initramfs.gz" -append "console=ttyS0 quiet panic=-1 loglevel=3" -serial "file:$out/console.log"
}

kernel
initramfs
rm -f "$out/console.log"
boot || { echo "the virtual machine did not end by itself"; tail -n 30 "$out/console.log"; exit 1; }
exec /usr/bin/python3 tests/vm/check.py "$out/console.log"
