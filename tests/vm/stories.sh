# The stories of the virtual machine, in the order in which init.sh runs them. Each prints its sections for check.py.
# shellcheck shell=dash disable=SC2154 # VIN and TT are init.sh's

# Our CAN port on the real kernel: filters, times, error frames, CAN FD, an interface that goes down, comes back, is removed.
port_on_the_kernel() {
	vm_can_socket_test 2>&1 | section can-port
}

# The kernel's can-isotp asks the simulator's ECU for its VIN: our sender against the kernel's receiver.
vin_by_the_kernel() {
	telltale-sim --bus socketcan:car0 --vin "$VIN" --scenario "$TT/scenarios/drive.scenario" --track "$TT/tracks/shanghai.track" \
		--odometer-m 12000000 --control /tmp/sim.control > /tmp/sim.log 2>&1 &
	wait_for 20 test -S /tmp/sim.control
	isotprecv -s 7E0 -d 7E8 car0 > /tmp/vin.hex &
	wait_for 10 listens car0 7e8
	echo "09 02" | isotpsend -s 7E0 -d 7E8 car0
	wait_for 10 grep -q "49 02" /tmp/vin.hex
	show isotp-vin-by-kernel /tmp/vin.hex
	show sim-log /tmp/sim.log 20
}

# The agent on vcan0 against the simulator, through a broker. The kernel's gateway (can-gw) joins vcan0 with the car's interface, and copies
# to tap0 what was sent on vcan0 by a socket there, that is by the agent: a frame passes the gateway once only (max_hops 1), so the car's
# frames do not come along, whatever their identifiers.
agent_on_vcan0() {
	cangw -A -s car0 -d vcan0 -e
	cangw -A -s vcan0 -d car0 -e
	cangw -A -s vcan0 -d tap0 -e
	candumps /tmp/tap.log tap0
	candumps /tmp/candump.log vcan0
	wait_for 20 grep -q running /tmp/mosquitto.log
	mosquitto_sub -h 127.0.0.1 -t 'tt/1/+/VM-0001/#' -F '%t %x' > /tmp/mqtt.log &
	agent VM-0001 vcan0 "$TT/schemas/profiles/demo.profile" /tmp/agent.log
	wait_for 30 published /tmp/mqtt.log state "$VIN"
	grep . /proc/net/can/rcvlist_* | section receive-lists
	# A CAN FD frame between classic ones does not disturb the agent: what follows is seen all the same.
	cansend vcan0 "1F0##1$(printf '%0128d' 0)"
	telltale-sim tell /tmp/sim.control "set dtc P0301 stored"
	wait_for 30 published /tmp/mqtt.log event P0301
	wait_for 30 freeze_told
	telltale-sim tell /tmp/sim.control "crash driver"
	wait_for 20 grep -q /up/alert /tmp/mqtt.log
	show agent-mqtt /tmp/mqtt.log
	telltale decode --dbc "$TT/schemas/dbc/telltale_demo.dbc" /tmp/candump.log > /tmp/decoded 2> /tmp/decode.err
	grep -E '"kind":"(vin|dtc)"' /tmp/decoded | grep -E "$VIN|P0301" | head -n 20 | section decode
	show decode-err /tmp/decode.err 5
}

freeze_told() { # an event of P0301 holds the freeze frame's item of PID 05: field 9, whose field 1 is 5
	grep '/up/event ' /tmp/mqtt.log | grep "$(hex P0301)" | grep -q '4a..0805'
}

# The same agent: its interface goes down and comes back.
interface_down_and_up() {
	ip link set vcan0 down
	wait_for 20 published /tmp/mqtt.log state bus.down
	grep /up/state /tmp/mqtt.log | tail -n 1 | section state-down
	ip link set vcan0 up
	telltale-sim tell /tmp/sim.control "set dtc P0420 stored"
	wait_for 20 told_well /tmp/mqtt.log bus.down
	wait_for 20 published /tmp/mqtt.log event P0420
	show after-down /tmp/mqtt.log
	show transmitted /tmp/tap.log
	show agent-log /tmp/agent.log 30
	kill "$(pidof telltale-agent)" "$(pidof telltale-sim)"
	wait_for 10 sh -c '! pidof telltale-agent'
}

# An ECU that is nothing but the kernel's can-isotp and a shell. ISO 15765-4 gives it 50 ms, and starting a program takes longer here: every
# answer has an isotpsend that stands ready and waits for its bytes (a word that is no number ends them).
ecu_of_the_kernel() {
	mosquitto_sub -h 127.0.0.1 -t 'tt/1/+/VM-0002/#' -F '%t %x' > /tmp/mqtt2.log &
	# The interface is still down, then up with nobody on it: down must be told, and taken back without a frame.
	agent VM-0002 vcan1 "$TT/tests/vm/kernel_ecu.profile" /tmp/agent2.log
	wait_for 30 published /tmp/mqtt2.log state bus.down
	candumps /tmp/ecu.log vcan1
	ip link set vcan1 up
	wait_for 20 told_well /tmp/mqtt2.log bus.down
	show silent-up /tmp/mqtt2.log
	for i in 1 2 3 4 5 6 7; do
		mkfifo /tmp/answer$i
		(while isotpsend -b -s 7E8 -d 7E0 vcan1 <> /tmp/answer$i; do :; done) &
	done
	hears 7DF &
	hears 7E0 &
	wait_for 30 published /tmp/mqtt2.log state "$VIN"
	for code in P0301 U0100 C0123; do wait_for 30 published /tmp/mqtt2.log event $code; done
	show kernel-ecu /tmp/mqtt2.log
	show kernel-ecu-log /tmp/agent2.log 30
	kill "$(pidof telltale-agent)"
	wait_for 10 sh -c '! pidof telltale-agent'
	show kernel-ecu-frames /tmp/ecu.log
}
hears() { # identifier
	stdbuf -oL isotprecv -l -s 7E8 -d "$1" vcan1 | while read -r request; do
		case $request in
		"01 00"*) answer 1 41 00 80 00 00 00 ;;
		"01 01"*) answer 2 41 01 83 07 65 04 ;;
		"09 02"*) answer 3 49 02 01 33 46 41 44 50 34 46 4A 32 42 4D 31 31 33 39 31 33 ;;
		"03"*) answer 4 43 03 03 01 C1 00 41 23 ;;
		"07"*) answer 5 47 00 ;;
		"0A"*) answer 6 4A 00 ;;
		*) [ "$1" = 7DF ] || answer 7 7F "${request%% *}" 11 ;; # service not supported; functional requests get no refusals
		esac
	done
}
answer() { # number of the isotpsend, bytes
	local fifo=/tmp/answer$1
	shift
	echo "$* ." 1<> "$fifo"
}

# Messages of all lengths through the kernel's can-isotp to ours and back, with block sizes and STmin of both sides (payloads.py).
isotp_exchange() {
	local n=0 same=0 setting='' peer='' bs st kernel_bs kernel_st payload
	echo 8388608 > /proc/sys/net/core/rmem_max # for candump: bursts of 600 frames
	candump -D -L -r 8388608 vcan2 > /tmp/isotp.log &
	wait_for 10 grep -Eq "vcan2 .* raw" /proc/net/can/rcvlist_all
	while read -r bs st kernel_bs kernel_st payload; do
		if [ "$setting" != "$bs $st" ]; then
			[ -z "$peer" ] || { kill "$peer"; wait "$peer"; }
			setting="$bs $st"
			rm -f /tmp/peer
			vm_isotp_peer vcan2 "$bs" "$st" > /tmp/peer 2>> /tmp/peer.err &
			peer=$!
			wait_for 10 grep -q ready /tmp/peer
		fi
		n=$((n + 1))
		exchange || { echo "message $n ($bs $st, $kernel_bs $kernel_st) came back as: $(head -c 100 /tmp/echo.hex)"; continue; }
		same=$((same + 1))
	done < /share/payloads
	echo "$same of $n came back unchanged" | section isotp-same
	# Above 4095 bytes: refused with "overflow", and the next message passes.
	isotpsend -b -s 7E0 -d 7E8 -D 4800 vcan2 2>&1 | section isotp-overlong
	payload="01 02 03 04 05 06 07 08 09 0A" kernel_bs=00 kernel_st=00
	exchange && echo passed | section isotp-after-overlong
	kill "$peer"
	show isotp-peer /tmp/peer.err
	grep -E ' 7E[18]#3' /tmp/isotp.log | cut -d ' ' -f 3 | sort | uniq -c | section isotp-flow
	# Of each message of ours in several frames: its consecutive frames and the seconds from the first to the last of them.
	awk '
		index($3, "7E9#1") == 1 { if (n) print n, last - first; n = 0 }
		index($3, "7E9#2") == 1 { last = substr($1, 2, 17); if (!n) first = last; n++ }
		END { print n, last - first }' /tmp/isotp.log | section isotp-pace
}
exchange() { # $payload there and back; the kernel's receiver asks for $kernel_bs and $kernel_st
	rm -f /tmp/echo.hex
	isotprecv -s 7E1 -d 7E9 -b "$kernel_bs" -m "$kernel_st" vcan2 > /tmp/echo.hex &
	wait_for 10 listens vcan2 7e9
	echo "$payload" | isotpsend -b -s 7E0 -d 7E8 vcan2
	wait_for 10 echoed || { kill $!; return 1; }
}
echoed() { read -r echo < /tmp/echo.hex && [ "$echo" = "$payload" ]; }

# Random messages in great number, both ways at once, on an interface that nobody logs.
isotp_against_kernel() {
	echo 10000 > /proc/sys/net/core/netdev_max_backlog # the longest message is one burst of 1,200 frames
	vm_isotp_against vcan4 20000 2>&1 | section isotp-against
}

# Two buses at full load, 4,000 frames a second each, for a minute. One more burst a bus follows: the kernel tells what a socket has lost with the
# next frame that it queues. The agent's own count is in its last words.
full_buses() {
	local profile=$TT/schemas/profiles/load.profile
	# a sender that was held up catches up in one go; the queue before the sockets must take that
	echo 10000 > /proc/sys/net/core/netdev_max_backlog
	# a car that is off and whom nobody asks, so that all frames are the sender's
	sed 's/^ignition-grace.*/ignition-grace 0/' "$TT/schemas/profiles/demo.profile" > "$profile"
	telltale-agent --unit VM-0003 --broker-port 1883 --tls false --journal /tmp/VM-0003.journal --can "socketcan:full0 socketcan:full1" \
		--gpsd-host "" --profile "$profile" > /tmp/agent3.log 2>&1 &
	wait_for 20 grep -Eq "full0 .* raw" /proc/net/can/rcvlist_sff
	wait_for 20 grep -Eq "full1 .* raw" /proc/net/can/rcvlist_sff
	grep -c 'full[01] ' /proc/net/can/rcvlist_all | section load-unfiltered
	cut -d ' ' -f 2 /proc/net/softnet_stat | section load-backlog-before
	vm_can_load 60 4000 full0 full1 2>&1 | section load-sent
	vm_can_load 1 100 full0 full1 2>&1 | section load-last
	cut -d ' ' -f 14,15 "/proc/$(pidof telltale-agent)/stat" | section load-ticks
	kill "$(pidof telltale-agent)"
	wait_for 20 grep -q 'full1: .* taken' /tmp/agent3.log
	show load-agent /tmp/agent3.log 30
	for i in full0 full1; do
		echo "$i tx $(cat /sys/class/net/$i/statistics/tx_packets) rx $(cat /sys/class/net/$i/statistics/rx_packets)" \
			"dropped $(cat /sys/class/net/$i/statistics/tx_dropped) $(cat /sys/class/net/$i/statistics/rx_dropped)"
	done | section load-kernel
	cut -d ' ' -f 2 /proc/net/softnet_stat | section load-backlog
}

# Random messages between the kernel's can-j1939 and ours, in great number: both directions at once, RTS/CTS and BAM, many addresses.
j1939_exchange() {
	dmesg -n 1 # the kernel tells of every timeout, in the middle of our lines
	echo 10000 > /proc/sys/net/core/netdev_max_backlog # a window is one burst of 255 frames, of eight at once
	vm_j1939_peer vcan3 20000 2>&1 | section j1939-exchange
}
