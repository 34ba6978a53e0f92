/* What both libcurl channels do: bounded, without proxies, redirects or signals, and not to local addresses unless allowed. Internal. */
#ifndef TT_SERVER_NOTIFY_CURL_GUARD_H
#define TT_SERVER_NOTIFY_CURL_GUARD_H

#include "base/err.h"

#include <curl/curl.h>
#include <stdint.h>
#include <sys/socket.h>

/* Is this address loopback, private, link-local, multicast or unspecified (RFC 6890)? Families other than IP: true. */
bool tt_address_is_local(const struct sockaddr *address);

/* allow_local points to a bool that lives as long as the handle. TT_EIO: libcurl refused an option. */
TT_MUSTCHECK enum tt_err tt_curl_guard(CURL *curl, int64_t timeout_ms, const bool *allow_local);

#endif
