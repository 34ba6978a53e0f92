#include "server/http/assets.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static const struct tt_asset *find_exact(const char *path, size_t len)
{
	for (size_t i = 0; i < tt_nassets; i++) {
		if (strlen(tt_assets[i].path) == len && memcmp(tt_assets[i].path, path, len) == 0)
			return &tt_assets[i];
	}
	return NULL;
}

const struct tt_asset *tt_asset_find(const char *path, size_t len)
{
	static const char index[] = "/index.html";
	const struct tt_asset *asset = find_exact(path, len);
	const char *slash;

	if (asset || len == 0 || (len >= 4 && memcmp(path, "/api", 4) == 0))
		return asset;
	slash = (const char *)memrchr(path, '/', len);
	if (!slash || memchr(slash, '.', len - (size_t)(slash - path)))
		return NULL;
	return find_exact(index, sizeof(index) - 1);
}

bool tt_asset_fresh(const struct tt_asset *asset, const char *if_none_match)
{
	return if_none_match && (strcmp(if_none_match, "*") == 0 || strstr(if_none_match, asset->etag));
}

bool tt_accepts_gzip(const char *accept_encoding)
{
	const char *at = accept_encoding ? strcasestr(accept_encoding, "gzip") : NULL;

	if (!at)
		return false;
	at += strlen("gzip");
	at += strspn(at, " ");
	if (*at != ';')
		return true;
	at++;
	at += strspn(at, " ");
	/* q=0, q=0.0, q=0.000: not acceptable */
	return strncasecmp(at, "q=0", 3) != 0 || strpbrk(at, "123456789") != NULL;
}

const char *tt_asset_cache_control(const struct tt_asset *asset)
{
	const char *dot = strchr(asset->path, '.');
	size_t n = dot ? strcspn(dot + 1, ".") : 0;
	bool hashed = n >= 6 && dot[1 + n] == '.';

	for (size_t i = 0; hashed && i < n; i++)
		hashed = isalnum((unsigned char)dot[1 + i]) != 0;
	return hashed ? "public, max-age=31536000, immutable" : "no-cache";
}
