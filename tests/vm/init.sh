#!/bin/busybox sh
# PID 1 of the virtual machine: brings vcan0 up, runs the stories, prints each result between marks on the console, powers off.
B=/bin/busybox
$B --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mount -t tmpfs tmp /tmp
exec > /dev/ttyS0 2>&1

begin() { echo "=== begin $1"; }
end() { echo "=== end $1"; }
# wait_for SECONDS command...: poll, never sleep for luck.
wait_for() {
	tries=$(($1 * 10))
	shift
	while [ $tries -gt 0 ]; do
		"$@" > /dev/null 2>&1 && return 0
		usleep 100000
		tries=$((tries - 1))
	done
	return 1
}

for m in can can-dev can-raw can-isotp vcan; do insmod /modules/$m.ko; done
for i in 0 1; do
	ip link add dev vcan$i type vcan
	ip link set vcan$i up
done
ip link set lo up

VIN=3FADP4FJ2BM113913
DEMO=/share/schemas/dbc/telltale_demo.dbc

# 1. The kernel's can-isotp asks the simulator's ECU for its VIN: our sender against the kernel's receiver.
telltale-sim --bus socketcan:vcan0 --vin $VIN --scenario /share/scenarios/drive.scenario --track /share/tracks/shanghai.track \
	--odometer-m 12000000 --control /tmp/sim.control > /tmp/sim.log 2>&1 &
SIM=$!
wait_for 20 test -S /tmp/sim.control
begin isotp-vin-by-kernel
isotprecv -s 7E0 -d 7E8 vcan0 > /tmp/vin.hex &
RECV=$!
usleep 300000
echo "09 02" | isotpsend -s 7E0 -d 7E8 vcan0
wait_for 10 grep -q "49 02" /tmp/vin.hex
cat /tmp/vin.hex
kill $RECV 2> /dev/null
end isotp-vin-by-kernel

# 2. The agent against the simulator on the kernel's bus, through a broker, while candump listens.
mosquitto -p 1883 > /tmp/mosquitto.log 2>&1 &
wait_for 20 grep -q running /tmp/mosquitto.log
mosquitto_sub -h 127.0.0.1 -t 'tt/#' -F '%t %x' > /tmp/mqtt.log &
candump -L vcan0 > /tmp/candump.log &
DUMP=$!
telltale-agent --unit VM-0001 --broker-host 127.0.0.1 --broker-port 1883 --tls false --ca "" --cert "" --key "" --journal /tmp/journal.db \
	--can socketcan:vcan0 --gpsd-host 127.0.0.1 --gpsd-port 2947 --profile /share/schemas/profiles/demo.profile --scan-interval-ms 1000 \
	> /tmp/agent.log 2>&1 &
AGENT=$!
wait_for 60 grep -q up/state /tmp/mqtt.log
telltale-sim tell /tmp/sim.control "set dtc P0301 stored"
wait_for 60 grep -q up/event /tmp/mqtt.log
usleep 3000000
begin agent-mqtt
cat /tmp/mqtt.log
end agent-mqtt
begin agent-log
tail -n 15 /tmp/agent.log
end agent-log
telltale-sim tell /tmp/sim.control "crash driver"
wait_for 30 grep -q up/alert /tmp/mqtt.log
begin agent-alert
grep up/alert /tmp/mqtt.log
end agent-alert
kill $DUMP $AGENT $SIM 2> /dev/null
begin decode
telltale decode --dbc $DEMO /tmp/candump.log | grep -E '"kind":"(vin|dtc)"' | sort -u -k 4 | head -n 20
end decode
begin transmitted
# What the agent itself put on the bus: requests and flow control only.
grep -oE '(7DF|7E[0-7])#[0-9A-F]+' /tmp/candump.log | sort | uniq -c
end transmitted

# 3. The agent asks an ECU that is nothing but the kernel's can-isotp and a shell: our receiver against the kernel's sender.
begin kernel-ecu
ecu() {
	while :; do
		request=$(isotprecv -s 7E8 -d 7DF vcan1) || return
		case $request in
		"09 02"*) echo "49 02 01 33 46 41 44 50 34 46 4A 32 42 4D 31 31 33 39 31 33" ;;
		"01 00"*) echo "41 00 80 00 00 01" ;;
		"01 01"*) echo "41 01 83 07 65 04" ;;
		"03"*) echo "43 03 03 01 C1 00 41 23" ;;
		"07"*) echo "47 00" ;;
		"0A"*) echo "4A 00" ;;
		*) continue ;;
		esac | isotpsend -s 7E8 -d 7E0 vcan1
	done
}
ecu &
ECU=$!
mosquitto_sub -h 127.0.0.1 -t 'tt/1/+/VM-0002/#' -F '%t %x' > /tmp/mqtt2.log &
telltale-agent --unit VM-0002 --broker-host 127.0.0.1 --broker-port 1883 --tls false --ca "" --cert "" --key "" --journal /tmp/journal2.db \
	--can socketcan:vcan1 --gpsd-host 127.0.0.1 --gpsd-port 2947 --profile /share/schemas/profiles/kernel_ecu.profile --scan-interval-ms 1000 \
	> /tmp/agent2.log 2>&1 &
wait_for 60 grep -q up/event /tmp/mqtt2.log
usleep 5000000
cat /tmp/mqtt2.log
end kernel-ecu
begin kernel-ecu-log
tail -n 15 /tmp/agent2.log
end kernel-ecu-log
kill $ECU 2> /dev/null
echo "=== done"
sync
poweroff -f
