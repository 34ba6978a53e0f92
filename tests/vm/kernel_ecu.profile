# A car that broadcasts nothing we know: OBD alone, asked without an ignition signal. For the ECU that is the kernel's can-isotp (init.sh).
telltale-profile 1
name kernel-ecu
