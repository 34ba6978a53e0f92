/*
 * Rows at rest: XChaCha20-Poly1305 (libsodium), a random nonce a row, the row's identity (epoch, class, seq) as associated data, so that a
 * row that was moved, swapped or taken from another journal is no row of this one. Internal to firmware/journal/ but for the key.
 *
 * A stored row is nonce, ciphertext, tag: TT_JOURNAL_SEAL_BYTES longer than its body. No state; threads: safe anywhere.
 */
#ifndef TT_FIRMWARE_JOURNAL_JOURNAL_SEAL_H
#define TT_FIRMWARE_JOURNAL_JOURNAL_SEAL_H

#include "firmware/journal/journal.h"

enum { TT_JOURNAL_SEAL_BYTES = 24 + 16, TT_JOURNAL_PROOF_BYTES = 16 + TT_JOURNAL_SEAL_BYTES };

struct tt_journal_row {
	uint64_t epoch;
	enum tt_class cls;
	uint64_t seq;
};

/* out takes len + TT_JOURNAL_SEAL_BYTES. */
void tt_journal_seal(const struct tt_journal_key *key, const struct tt_journal_row *row, const uint8_t *body, size_t len, uint8_t *out);
/* out takes len - TT_JOURNAL_SEAL_BYTES. TT_ECORRUPT: not sealed with this key, as this row, or changed since. */
TT_MUSTCHECK enum tt_err tt_journal_unseal(const struct tt_journal_key *key, const struct tt_journal_row *row, const uint8_t *sealed,
					   size_t len, uint8_t *out);

/* What a journal keeps to know its key again. */
void tt_journal_prove(const struct tt_journal_key *key, uint8_t out[TT_JOURNAL_PROOF_BYTES]);
bool tt_journal_proves(const struct tt_journal_key *key, const uint8_t *proof, size_t len);

#endif
