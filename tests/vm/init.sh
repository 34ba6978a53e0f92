#!/bin/busybox sh
# shellcheck shell=dash
# PID 1 of the virtual machine: runs the stories on the kernel's CAN, prints what happened between marks on the console, powers off.
# tests/vm/check.py judges. Nothing sleeps for luck: every wait polls for the outcome and has an end.
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mount -t tmpfs tmp /tmp
exec > /dev/ttyS0 2>&1
# Whatever hangs, the machine ends.
(sleep 600; echo "=== watchdog"; poweroff -f) &

VIN=3FADP4FJ2BM113913
TT=/share/telltale

section() { # name: what follows on stdin
	echo "=== begin $1"
	cat
	echo "=== end $1"
}
show() { [ -e "$2" ] && tail -n "${3:-100000}" "$2" | section "$1"; }
uptime_s() { # sets now, without starting a program
	read -r now _ < /proc/uptime
	now=${now%.*}
}
wait_for() { # SECONDS command...
	local until now
	uptime_s
	until=$((now + $1))
	shift
	until "$@" > /dev/null 2>&1; do
		uptime_s
		[ "$now" -lt $until ] || { echo "gave up waiting: $*"; return 1; }
		usleep 30000
	done
}
hex() { printf %s "$1" | xxd -p; }
listens() { # interface id: a can-isotp socket receives there
	grep -Eiq "$1 +$2 .* isotp" /proc/net/can/rcvlist_sff
}
published() { # log class text...: a message of the class that holds all texts
	local log=$1 class=$2 text found
	shift 2
	found=$(grep "/up/$class " "$log") || return 1
	for text in "$@"; do found=$(echo "$found" | grep "$(hex "$text")") || return 1; done
}
told_well() { # log condition: the last state no longer names the condition
	grep '/up/state ' "$1" | tail -n 1 | grep -vq "$(hex "$2")"
}
candumps() { # file interface...: a log of everything on the interface, ready when this returns
	local log=$1
	shift
	candump -D -L "$@" > "$log" &
	for i in "$@"; do wait_for 10 grep -Eq "${i%%,*} .* raw" /proc/net/can/rcvlist_all; done
}
agent() { # unit interface profile log; nobody acknowledges here, so the window holds all that is told
	telltale-agent --unit "$1" --broker-port 1883 --tls false --journal "/tmp/$1.journal" --can "socketcan:$2" --gpsd-host "" --profile "$3" \
		--scan-interval-ms 1000 --window 64 > "$4" 2>&1 &
}

for m in can can-dev can-raw can-isotp can-j1939 can-gw vcan; do insmod /modules/$m.ko || echo "no module $m"; done
# The agent's bus; the car's; what the agent itself transmits; the kernel's ECU; the ISO-TP exchange; full load; J1939; ISO-TP in great number.
for i in vcan0 car0 tap0 vcan1 vcan2 full0 full1 vcan3 vcan4; do
	ip link add dev $i type vcan
	[ $i = vcan1 ] || ip link set $i up
done
ip link set lo up
echo "listener 1883 127.0.0.1
allow_anonymous true
user root" > /tmp/mosquitto.conf
mosquitto -c /tmp/mosquitto.conf > /tmp/mosquitto.log 2>&1 &

# shellcheck source=tests/vm/stories.sh
. /stories.sh
for story in port_on_the_kernel vin_by_the_kernel agent_on_vcan0 interface_down_and_up ecu_of_the_kernel isotp_exchange isotp_against_kernel full_buses j1939_exchange; do
	begun=$(cut -d ' ' -f 1 /proc/uptime)
	$story
	echo "=== story $story: $begun to $(cut -d ' ' -f 1 /proc/uptime) s"
done
echo "=== done"
sync
poweroff -f
