#include "firmware/agent/atomic_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The name is on disk only when its folder is. */
static bool sync_folder(const char *path)
{
	char folder[TT_ATOMIC_FILE_PATH] = ".";
	const char *slash = strrchr(path, '/');
	int fd;
	bool ok;

	if (slash) {
		memcpy(folder, path, (size_t)(slash - path) + 1);
		folder[slash - path + 1] = '\0';
	}
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ok = fd >= 0 && fsync(fd) == 0;
	if (fd >= 0)
		close(fd);
	return ok;
}

static enum tt_err disk_error(void)
{
	return errno == ENOSPC ? TT_ENOSPC : TT_EIO;
}

enum tt_err tt_atomic_file_begin(struct tt_atomic_file *out, const char *path, unsigned mode)
{
	const int n = snprintf(out->tmp, sizeof(out->tmp), "%s.new", path);
	int fd;

	out->f = NULL;
	errno = ENAMETOOLONG;
	if (n < 0 || (size_t)n >= sizeof(out->tmp))
		return TT_ERANGE;
	strcpy(out->path, path); /* shorter than tmp */
	fd = open(out->tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, (mode_t)mode);
	if (fd < 0)
		return disk_error();
	out->f = fdopen(fd, "w");
	if (out->f)
		return TT_OK;
	close(fd);
	(void)unlink(out->tmp);
	return TT_EIO;
}

enum tt_err tt_atomic_file_end(struct tt_atomic_file *out)
{
	/* ferror: a write that failed before the last flush */
	bool good = fflush(out->f) == 0 && !ferror(out->f) && fsync(fileno(out->f)) == 0;
	int why = errno;

	if (fclose(out->f) != 0 && good) {
		good = false;
		why = errno;
	}
	out->f = NULL;
	if (good && rename(out->tmp, out->path) == 0 && sync_folder(out->path))
		return TT_OK;
	errno = good ? errno : why;
	why = errno;
	(void)unlink(out->tmp);
	errno = why;
	return disk_error();
}

enum tt_err tt_atomic_file_write(const char *path, const void *bytes, size_t len, unsigned mode, struct tt_errmsg *msg)
{
	struct tt_atomic_file out;
	enum tt_err err = tt_atomic_file_begin(&out, path, mode);

	if (!err) {
		(void)fwrite(bytes, 1, len, out.f); /* end tells */
		err = tt_atomic_file_end(&out);
	}
	if (err == TT_ERANGE)
		return tt_errmsg_set(msg, TT_ERANGE, "%s: the path is too long", path);
	return err ? tt_errmsg_set(msg, TT_EIO, "%s: %s", path, strerror(errno)) : TT_OK;
}

enum tt_err tt_atomic_file_open(const char *path, FILE **out)
{
	FILE *f = fopen(path, "re");

	if (!f)
		return errno == ENOENT ? TT_ENOTFOUND : TT_EIO;
	*out = f;
	return TT_OK;
}

enum tt_err tt_atomic_file_read(const char *path, size_t max, char **out, size_t *len)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	enum tt_err err = TT_EIO;
	char *buf = NULL;
	struct stat st;

	if (fd < 0)
		return errno == ENOENT ? TT_ENOTFOUND : TT_EIO;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		err = (size_t)st.st_size > max ? TT_ERANGE : TT_OK;
	if (!err && !(buf = malloc((size_t)st.st_size + 1)))
		err = TT_ENOMEM;
	if (!err && read(fd, buf, (size_t)st.st_size) != st.st_size)
		err = TT_EIO;
	close(fd);
	if (err) {
		free(buf);
		return err;
	}
	buf[st.st_size] = '\0';
	*out = buf;
	*len = (size_t)st.st_size;
	return TT_OK;
}
