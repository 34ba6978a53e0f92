/*
 * The desk's files, built into the program (cmake/embed_assets.cmake): the bytes, the same gzipped, and their entity tag. A build without
 * server/web/dist has none of them. Static memory.
 */
#ifndef TT_SERVER_HTTP_ASSETS_H
#define TT_SERVER_HTTP_ASSETS_H

#include "base/err.h"

#include <stdint.h>

struct tt_asset {
	const char *path; /* "/app.3f2a.js" */
	const char *content_type;
	const char *etag; /* with its quotes; of the plain bytes */
	const uint8_t *begin, *end;
	const uint8_t *gz_begin, *gz_end; /* equal: not worth it */
};

extern const struct tt_asset tt_assets[];
extern const size_t tt_nassets;

/*
 * The file of a path (without query). A path that names no file but could be a page of the desk (no dot in its last part, not below /api)
 * is index.html, whose script knows the rest. NULL: none.
 */
const struct tt_asset *tt_asset_find(const char *path, size_t len);
/* Does the client hold it already (If-None-Match, RFC 9110 section 13.1.2)? header may be NULL. */
bool tt_asset_fresh(const struct tt_asset *asset, const char *if_none_match);
/* Does Accept-Encoding allow gzip? header may be NULL. */
bool tt_accepts_gzip(const char *accept_encoding);
/* Files named by their content never change; everything else is asked for again. */
const char *tt_asset_cache_control(const struct tt_asset *asset);

#endif
