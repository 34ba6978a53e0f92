/*
 * The transport's inside, shared by isotp.c, isotp_rx.c and isotp_tx.c only. PURE.
 */
#ifndef TT_FIRMWARE_PROTO_ISOTP_PARTS_H
#define TT_FIRMWARE_PROTO_ISOTP_PARTS_H

#include "base/cursor.h"
#include "firmware/proto/isotp.h"

/* Protocol control information, upper nibble of the first byte (ISO 15765-2 table 9). */
enum { TT_PCI_SINGLE = 0x0, TT_PCI_FIRST = 0x1, TT_PCI_CONSECUTIVE = 0x2, TT_PCI_FLOW = 0x3 };
enum { TT_FLOW_CTS = 0, TT_FLOW_WAIT = 1, TT_FLOW_OVERFLOW = 2, TT_FLOW_NONE = 0xFF };
enum { TT_TX_IDLE, TT_TX_FIRST, TT_TX_WAIT_FC, TT_TX_BLOCK, TT_TX_LAST };
enum { TT_OUT_NONE, TT_OUT_RX, TT_OUT_TX };
enum { TT_ISOTP_CLASSIC = 8, TT_ISOTP_NIBBLE = 0xF };

/* Each takes a frame after its address and control byte; false: ignored. */
bool tt_isotp_rx_single(struct tt_isotp *t, tt_mono_us now_us, struct tt_rd *r, uint8_t pci, uint8_t frame_len);
bool tt_isotp_rx_first(struct tt_isotp *t, tt_mono_us now_us, struct tt_rd *r, uint8_t pci, uint8_t frame_len);
bool tt_isotp_rx_consecutive(struct tt_isotp *t, tt_mono_us now_us, struct tt_rd *r, uint8_t pci, uint8_t frame_len);
bool tt_isotp_tx_flow(struct tt_isotp *t, tt_mono_us now_us, struct tt_rd *r, uint8_t pci, uint8_t frame_len);

void tt_isotp_rx_end(struct tt_isotp *t);
void tt_isotp_rx_fail(struct tt_isotp *t, enum tt_isotp_failure why);
void tt_isotp_rx_tick(struct tt_isotp *t, tt_mono_us now_us);
/* Our flow control has left. */
void tt_isotp_rx_left(struct tt_isotp *t, tt_mono_us now_us);
/* Writes the flow control that is owed. */
void tt_isotp_rx_put(struct tt_isotp *t, struct tt_can_frame *out);

void tt_isotp_tx_end(struct tt_isotp *t, bool ok, enum tt_isotp_failure why);
void tt_isotp_tx_tick(struct tt_isotp *t, tt_mono_us now_us);
/* The frame of the message that was handed out last has left. */
void tt_isotp_tx_left(struct tt_isotp *t, tt_mono_us now_us);
/* Writes the first or the next consecutive frame. */
void tt_isotp_tx_put(struct tt_isotp *t, struct tt_can_frame *out);

void tt_isotp_frame_put(struct tt_can_frame *out, const uint8_t *bytes, size_t n);

#endif
