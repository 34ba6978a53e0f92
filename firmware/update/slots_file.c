#include "firmware/update/slots_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

enum { LINE_BYTES = 256, BLOCK_BYTES = 65536 };

static bool path_of(const char *dir, const char *name, char *out, size_t cap)
{
	const int n = snprintf(out, cap, "%s/%s", dir, name);

	return n > 0 && (size_t)n < cap;
}

static bool slot_of(const char *name, enum tt_slot *out)
{
	for (unsigned i = 0; i < TT_SLOTS; i++) {
		if (strcmp(name, tt_slot_name((enum tt_slot)i)) == 0) {
			*out = (enum tt_slot)i;
			return true;
		}
	}
	return false;
}

/* WORD SLOT SEQUENCE VERSION SHA256 [TRIES]; tries is -1 where none stands. */
static bool read_program(const char *line, struct tt_slot_program *p, int *tries)
{
	char slot[16], sum[2 * TT_SLOT_SUM + 1];
	size_t n = 0;

	*tries = -1;
	if (sscanf(line, "%*s %15s %" SCNu64 " %31s %64s %d", slot, &p->sequence, p->version, sum, tries) < 4 || !slot_of(slot, &p->slot))
		return false;
	return sodium_hex2bin(p->sha256, TT_SLOT_SUM, sum, strlen(sum), NULL, &n, NULL) == 0 && n == TT_SLOT_SUM;
}

static bool read_line(const char *line, struct tt_slots *s)
{
	int tries;

	if (strncmp(line, "good ", 5) == 0)
		return read_program(line, &s->good, &tries);
	if (strncmp(line, "trial ", 6) == 0) {
		if (!read_program(line, &s->trial, &tries) || tries < 0 || tries > TT_SLOT_TRIES)
			return false;
		s->tries = (unsigned)tries;
		return true;
	}
	return sscanf(line, "refused %" SCNu64, &s->refused) == 1;
}

enum tt_err tt_slots_load(const char *dir, struct tt_slots *out, struct tt_errmsg *msg)
{
	char path[TT_SLOTS_PATH], line[LINE_BYTES];
	struct tt_slots s = tt_slots_init();
	bool good;
	FILE *f;

	if (!path_of(dir, "slots", path, sizeof(path)))
		return tt_errmsg_set(msg, TT_ERANGE, "%s: the path is too long", dir);
	f = fopen(path, "re");
	if (!f && errno == ENOENT) {
		*out = s;
		return TT_OK;
	}
	if (!f)
		return tt_errmsg_set(msg, TT_EIO, "%s: %s", path, strerror(errno));
	good = fgets(line, sizeof(line), f) && strcmp(line, "telltale-slots 1\n") == 0;
	while (good && fgets(line, sizeof(line), f))
		good = read_line(line, &s);
	fclose(f);
	if (!good)
		return tt_errmsg_set(msg, TT_ECORRUPT, "%s: not a state of the slots; remove it to run the packaged agent", path);
	*out = s;
	return TT_OK;
}

static void write_program(FILE *f, const char *word, const struct tt_slot_program *p)
{
	char sum[2 * TT_SLOT_SUM + 1];

	sodium_bin2hex(sum, sizeof(sum), p->sha256, TT_SLOT_SUM);
	fprintf(f, "%s %s %" PRIu64 " %s %s", word, tt_slot_name(p->slot), p->sequence, p->version[0] ? p->version : "-", sum);
}

static bool write_all(FILE *f, const struct tt_slots *s)
{
	fprintf(f, "telltale-slots 1\n");
	write_program(f, "good", &s->good);
	fprintf(f, "\n");
	if (s->trial.slot != TT_SLOT_PACKAGED) {
		write_program(f, "trial", &s->trial);
		fprintf(f, " %u\n", s->tries);
	}
	fprintf(f, "refused %" PRIu64 "\n", s->refused);
	return fflush(f) == 0 && fsync(fileno(f)) == 0;
}

enum tt_err tt_slots_sync_folder(const char *dir)
{
	const int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const bool done = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return done ? TT_OK : TT_EIO;
}

enum tt_err tt_slots_save(const char *dir, const struct tt_slots *s, struct tt_errmsg *msg)
{
	char path[TT_SLOTS_PATH], tmp[TT_SLOTS_PATH];
	bool good;
	FILE *f;

	if (!path_of(dir, "slots", path, sizeof(path)) || !path_of(dir, "slots.new", tmp, sizeof(tmp)))
		return tt_errmsg_set(msg, TT_ERANGE, "%s: the path is too long", dir);
	f = fopen(tmp, "we");
	good = f && write_all(f, s);
	if (f)
		good = fclose(f) == 0 && good;
	good = good && rename(tmp, path) == 0;
	if (!good || tt_slots_sync_folder(dir) != TT_OK)
		return tt_errmsg_set(msg, TT_EIO, "%s: %s", path, strerror(errno));
	return TT_OK;
}

enum tt_err tt_slots_program_path(const char *dir, enum tt_slot slot, char *out, size_t cap)
{
	const int n = snprintf(out, cap, "%s/%s/telltale-agent", dir, tt_slot_name(slot));

	return n > 0 && (size_t)n < cap ? TT_OK : TT_ERANGE;
}

enum tt_err tt_slots_sum(const char *path, uint8_t out[TT_SLOT_SUM])
{
	static uint8_t block[BLOCK_BYTES];
	crypto_hash_sha256_state sum;
	FILE *f = fopen(path, "re");
	size_t n, total = 0;
	bool good;

	if (!f)
		return errno == ENOENT ? TT_ENOTFOUND : TT_EIO;
	crypto_hash_sha256_init(&sum);
	while ((n = fread(block, 1, sizeof(block), f)) > 0 && total <= TT_SLOTS_PROGRAM_MAX) {
		crypto_hash_sha256_update(&sum, block, n);
		total += n;
	}
	good = !ferror(f);
	fclose(f);
	if (!good)
		return TT_EIO;
	crypto_hash_sha256_final(&sum, out);
	return total <= TT_SLOTS_PROGRAM_MAX ? TT_OK : TT_ERANGE;
}

enum tt_err tt_slots_lock(const char *dir, const char *name, int *fd)
{
	char path[TT_SLOTS_PATH];
	int file;

	if (!path_of(dir, name, path, sizeof(path)))
		return TT_ERANGE;
	file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (file < 0)
		return TT_EIO;
	if (flock(file, LOCK_EX | LOCK_NB) != 0) {
		close(file);
		return errno == EWOULDBLOCK ? TT_EAGAIN : TT_EIO;
	}
	*fd = file;
	return TT_OK;
}
