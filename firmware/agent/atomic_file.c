#include "firmware/agent/atomic_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES = 1100 };

static bool write_synced(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		const ssize_t n = write(fd, bytes, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		bytes += n;
		len -= (size_t)n;
	}
	return fsync(fd) == 0;
}

/* The name is on disk only when its folder is. */
static bool sync_folder(const char *path)
{
	char folder[PATH_BYTES] = ".";
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

enum tt_err tt_atomic_file_write(const char *path, const void *bytes, size_t len, unsigned mode, struct tt_errmsg *msg)
{
	char tmp[PATH_BYTES];
	const int n = snprintf(tmp, sizeof(tmp), "%s.new", path);
	int fd;
	bool ok;

	if (n < 0 || (size_t)n >= sizeof(tmp))
		return tt_errmsg_set(msg, TT_ERANGE, "%s: the path is too long", path);
	fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, (mode_t)mode);
	if (fd < 0)
		return tt_errmsg_set(msg, TT_EIO, "%s: %s", tmp, strerror(errno));
	ok = write_synced(fd, bytes, len);
	ok = close(fd) == 0 && ok;
	if (ok && rename(tmp, path) == 0 && sync_folder(path))
		return TT_OK;
	(void)tt_errmsg_set(msg, TT_EIO, "%s: %s", path, strerror(errno));
	(void)unlink(tmp);
	return TT_EIO;
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
