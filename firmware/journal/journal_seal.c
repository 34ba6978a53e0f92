#include "firmware/journal/journal_seal.h"

#include "base/text.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
	TAG = crypto_aead_xchacha20poly1305_ietf_ABYTES,
	HEX = 2 * TT_JOURNAL_KEY_BYTES,
	AD_BYTES = 20,
};
static_assert(NONCE + TAG == TT_JOURNAL_SEAL_BYTES, "what a seal adds");
static_assert(TT_JOURNAL_KEY_BYTES == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "a key of this cipher");

static const uint8_t proof_text[TT_JOURNAL_PROOF_BYTES - TT_JOURNAL_SEAL_BYTES] = "telltale journal";
static const struct tt_journal_row proof_row = {.epoch = 0, .cls = TT_CLASS_NONE, .seq = 0};

static void put_u64(uint8_t *out, uint64_t v)
{
	for (unsigned i = 0; i < 8; i++)
		out[i] = (uint8_t)(v >> 8 * i);
}

static void associate(const struct tt_journal_row *row, uint8_t out[AD_BYTES])
{
	memcpy(out, "TTJ", 3);
	put_u64(out + 3, row->epoch);
	out[11] = (uint8_t)row->cls;
	put_u64(out + 12, row->seq);
}

void tt_journal_seal(const struct tt_journal_key *key, const struct tt_journal_row *row, const uint8_t *body, size_t len, uint8_t *out)
{
	uint8_t ad[AD_BYTES];

	associate(row, ad);
	randombytes_buf(out, NONCE);
	crypto_aead_xchacha20poly1305_ietf_encrypt(out + NONCE, NULL, body, len, ad, sizeof(ad), NULL, out, key->bytes);
}

enum tt_err tt_journal_unseal(const struct tt_journal_key *key, const struct tt_journal_row *row, const uint8_t *sealed, size_t len,
			      uint8_t *out)
{
	uint8_t ad[AD_BYTES];

	if (len < TT_JOURNAL_SEAL_BYTES)
		return TT_ECORRUPT;
	associate(row, ad);
	return crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL, sealed + NONCE, len - NONCE, ad, sizeof(ad), sealed,
							  key->bytes) == 0
		       ? TT_OK
		       : TT_ECORRUPT;
}

void tt_journal_prove(const struct tt_journal_key *key, uint8_t out[TT_JOURNAL_PROOF_BYTES])
{
	tt_journal_seal(key, &proof_row, proof_text, sizeof(proof_text), out);
}

bool tt_journal_proves(const struct tt_journal_key *key, const uint8_t *proof, size_t len)
{
	uint8_t text[sizeof(proof_text)];

	return len == TT_JOURNAL_PROOF_BYTES && tt_journal_unseal(key, &proof_row, proof, len, text) == TT_OK;
}

/* ---- the key file ---- */

static bool from_hex(const char *text, size_t len, uint8_t out[TT_JOURNAL_KEY_BYTES])
{
	while (len > HEX && (text[len - 1] == '\n' || text[len - 1] == '\r'))
		len--;
	if (len != HEX)
		return false;
	for (size_t i = 0; i < HEX; i++) {
		const int digit = tt_hex_digit(text[i]);

		if (digit < 0)
			return false;
		out[i / 2] = (uint8_t)(i % 2 ? out[i / 2] | digit : digit << 4);
	}
	return true;
}

enum tt_err tt_journal_key_load(const char *path, struct tt_journal_key *out, struct tt_errmsg *msg)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	char text[HEX + 3];
	struct stat st;
	ssize_t n = -1;
	bool good;

	if (fd < 0 || fstat(fd, &st) != 0) {
		if (fd >= 0)
			close(fd);
		return tt_errmsg_set(msg, TT_ECONFIG, "journal key %s: %s", path, strerror(errno));
	}
	if (S_ISREG(st.st_mode))
		n = read(fd, text, sizeof(text));
	close(fd);
	if (!S_ISREG(st.st_mode) || (st.st_mode & 077) != 0 || (st.st_uid != geteuid() && st.st_uid != 0)) {
		sodium_memzero(text, sizeof(text));
		return tt_errmsg_set(msg, TT_ECONFIG,
				     "journal key %s: must be a file that only its owner, this user or root, can read; chmod 600", path);
	}
	good = n > 0 && from_hex(text, (size_t)n, out->bytes) && sodium_init() >= 0;
	sodium_memzero(text, sizeof(text));
	return good ? TT_OK : tt_errmsg_set(msg, TT_ECONFIG, "journal key %s: must hold %d hexadecimal digits", path, (int)HEX);
}

void tt_journal_key_forget(struct tt_journal_key *key)
{
	sodium_memzero(key, sizeof(*key));
}
