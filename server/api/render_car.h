/*
 * What a car says beside faults and alerts, as JSON in the shapes of schemas/openapi.yaml. As server/api/render.h. Internal to server/api.
 */
#ifndef TT_SERVER_API_RENDER_CAR_H
#define TT_SERVER_API_RENDER_CAR_H

#include "crm/store/store.h"
#include "wire/captured.h"

#include <jansson.h>

/* JSON kept in the record; what cannot be read, or is of another type, is `empty` (taken over). */
json_t *tt_render_stored(const char *text, json_t *empty);
/* reason NULL: without the place, and without the name of a fence, which is a place in words. */
json_t *tt_render_happening(const struct tt_vehicle_event *row, const char *reason);
json_t *tt_render_ecu(const struct tt_ecu *row);
json_t *tt_render_unit(const struct tt_unit_state *row);
json_t *tt_render_told(const struct tt_told *row);
/* Without the signals that are positions: the case has its place, and a look at it its audit. At most 2,000 points a signal. */
json_t *tt_render_captured(struct tt_captured *captured);

#endif
