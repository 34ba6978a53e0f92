/*
 * What fault_watch.c (what is seen), fault_twin.c (two names of one defect) and fault_tell.c (what is told) share. PURE, for these only.
 */
#ifndef TT_FIRMWARE_PROTO_FAULT_WATCH_PARTS_H
#define TT_FIRMWARE_PROTO_FAULT_WATCH_PARTS_H

#include "firmware/proto/fault_watch.h"

/* The ECU's entry; NULL when OBD and UDS of it are not known to be twins. */
struct tt_fault_twin *tt_fault_twin_find(struct tt_fault_watch *w, uint32_t ecu);
/* The OBD fault whose bits and lamp a UDS fault carries; NULL: none. */
const struct tt_fault *tt_fault_twin_carried(const struct tt_fault_watch *w, const struct tt_fault *f);
/* An OBD fault that is told by its twin's name. */
bool tt_fault_twin_shadowed(const struct tt_fault_watch *w, const struct tt_fault *f);
/* A shadowed one whose twin was not told yet: its end would come before the other's beginning. */
bool tt_fault_twin_too_early(const struct tt_fault_watch *w, const struct tt_fault *f);
/* Untold, and the ECU was not heard by UDS since the fault was first seen. */
bool tt_fault_twin_held(const struct tt_fault_watch *w, const struct tt_fault *f);

/* fault_tell.c: the lamp that is told with a fault, and its freeze frame, which may be its OBD twin's; NULL: none. */
bool tt_fault_lamp(const struct tt_fault_watch *w, const struct tt_fault *f);
const struct tt_fault_ecu *tt_fault_freeze(const struct tt_fault_watch *w, const struct tt_fault *f);

#endif
