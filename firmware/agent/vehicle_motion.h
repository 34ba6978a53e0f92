/*
 * What the motion detectors make of a signal: roles beside those of vehicle.c.
 */
#ifndef TT_FIRMWARE_AGENT_VEHICLE_MOTION_H
#define TT_FIRMWARE_AGENT_VEHICLE_MOTION_H

#include "firmware/agent/vehicle.h"

/* NULL: the detectors have no use for it. */
tt_vehicle_role_fn tt_vehicle_motion_role(const char *path);

#endif
