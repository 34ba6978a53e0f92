/*
 * Replays a committed corpus through a fuzz target where libFuzzer is not linked (gcc, valgrind): every file named, or every file
 * of a folder named. Prints how many it ran; an empty corpus is an error, since a test must be able to fail.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data = NULL;
	long size = 0;
	int bad = 1;

	if (!f)
		return 1;
	if (fseek(f, 0, SEEK_END) == 0 && (size = ftell(f)) >= 0 && fseek(f, 0, SEEK_SET) == 0) {
		data = malloc((size_t)size + 1);
		if (data && fread(data, 1, (size_t)size, f) == (size_t)size) {
			LLVMFuzzerTestOneInput(data, (size_t)size);
			bad = 0;
		}
	}
	free(data);
	fclose(f);
	return bad;
}

static int replay_folder(const char *path, unsigned *ran)
{
	DIR *dir = opendir(path);
	int bad = 0;

	if (!dir)
		return 1;
	for (struct dirent *e; (e = readdir(dir));) {
		char full[4096];

		if (e->d_name[0] == '.')
			continue;
		if (snprintf(full, sizeof(full), "%s/%s", path, e->d_name) >= (int)sizeof(full))
			bad = 1;
		else
			bad |= replay_file(full);
		(*ran)++;
	}
	closedir(dir);
	return bad;
}

int main(int argc, char **argv)
{
	unsigned ran = 0;
	int bad = 0;

	for (int i = 1; i < argc; i++) {
		struct stat st;

		if (stat(argv[i], &st) != 0) {
			fprintf(stderr, "%s: no such file or folder\n", argv[i]);
			return 1;
		}
		if (S_ISDIR(st.st_mode)) {
			bad |= replay_folder(argv[i], &ran);
		} else {
			bad |= replay_file(argv[i]);
			ran++;
		}
	}
	printf("%u inputs replayed\n", ran);
	return bad || ran == 0;
}
