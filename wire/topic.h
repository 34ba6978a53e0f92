/*
 * Topics and shards: tt/1/<shard>/<unit>/up/{alert,event,bulk,state} and .../dn/{ack,cmd,cfg,msg} (design.md section 4).
 *
 * The unit's name is the certificate's common name, the MQTT user name and the client id: 1 to 32 characters of [A-Za-z0-9-]. The
 * shard is fixed at provisioning: 32-bit FNV-1a of the name modulo TT_SHARDS, written with two digits. PURE.
 * Memory: the caller's, nothing is kept. Threads: no shared state.
 */
#ifndef TT_WIRE_TOPIC_H
#define TT_WIRE_TOPIC_H

#include "base/err.h"

#include <stdint.h>

enum { TT_SHARDS = 64, TT_UNIT_MAX = 32, TT_TOPIC_MAX = 96 };

enum tt_class { TT_CLASS_NONE = 0, TT_CLASS_ALERT = 1, TT_CLASS_EVENT = 2, TT_CLASS_BULK = 3, TT_CLASS_STATE = 4, TT_NCLASSES = 5 };

enum tt_dn { TT_DN_ACK, TT_DN_CMD, TT_DN_CFG, TT_DN_MSG };

struct tt_topic {
	unsigned shard;
	char unit[TT_UNIT_MAX + 1];
	enum tt_class cls;
};

bool tt_unit_name_valid(const char *name);
unsigned tt_shard_of(const char *unit);
/* "alert", "event", "bulk", "state"; "none" for anything else. */
const char *tt_class_name(enum tt_class cls);

/* An upward topic. TT_EPROTO: not one of ours, an unknown class, or a shard that is not the unit's. */
TT_MUSTCHECK enum tt_err tt_topic_parse(const char *topic, struct tt_topic *out);
/* out needs TT_TOPIC_MAX bytes. The unit and the class must be valid (programmer error otherwise). */
void tt_topic_up(const char *unit, enum tt_class cls, char out[TT_TOPIC_MAX]);
void tt_topic_dn(const char *unit, enum tt_dn kind, char out[TT_TOPIC_MAX]);
/* Every topic below dn/ of a unit, the agent's one subscription: tt/1/<shard>/<unit>/dn/+ */
void tt_topic_dn_filter(const char *unit, char out[TT_TOPIC_MAX]);
/*
 * One class of all units of a shard: tt/1/<shard>/+/up/<class>. A shard's alert session subscribes the alert filter alone; its main session
 * subscribes three, event, bulk and state, so that no alert comes twice. shard < TT_SHARDS (programmer error otherwise).
 */
void tt_topic_shard_filter(unsigned shard, enum tt_class cls, char out[TT_TOPIC_MAX]);

#endif
