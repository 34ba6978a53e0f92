/* The contract, run by the SQLite store on files in a folder of its own. */
#include "store_contract.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[64] = "/tmp/tt-contract-XXXXXX";
static char path[96], url[112], backup_path[96], backup_url[112];

static void remove_files(void)
{
	static const char *const suffixes[] = {"", "-wal", "-shm"};

	for (size_t i = 0; i < 3; i++) {
		char name[128];

		(void)snprintf(name, sizeof(name), "%s%s", path, suffixes[i]);
		(void)unlink(name);
	}
	(void)unlink(backup_path);
}

static struct tt_store *open_again(void)
{
	struct tt_store *s = NULL;
	struct tt_errmsg msg = {{0}};

	if (tt_store_open(url, false, &s, &msg) != TT_OK)
		(void)fprintf(stderr, "%s\n", msg.text);
	return s;
}

static struct tt_store *open_fresh(void)
{
	struct tt_store *s = NULL;
	struct tt_errmsg msg = {{0}};

	remove_files();
	if (tt_store_open(url, true, &s, &msg) != TT_OK || tt_store_migrate(s, NOW, &msg) != TT_OK) {
		(void)fprintf(stderr, "%s\n", msg.text);
		tt_store_close(s);
		return NULL;
	}
	return s;
}

int main(void)
{
	const struct tt_store_factory factory = {
		.open_fresh = open_fresh, .open_again = open_again, .backup_path = backup_path, .backup_url = backup_url};
	int failed;

	if (mkdtemp(folder) == NULL) {
		perror("mkdtemp");
		return 1;
	}
	(void)snprintf(path, sizeof(path), "%s/record.db", folder);
	(void)snprintf(url, sizeof(url), "sqlite:%s", path);
	(void)snprintf(backup_path, sizeof(backup_path), "%s/backup.db", folder);
	(void)snprintf(backup_url, sizeof(backup_url), "sqlite:%s", backup_path);
	failed = tt_store_contract_run(&factory);
	remove_files();
	(void)rmdir(folder);
	return failed != 0;
}
