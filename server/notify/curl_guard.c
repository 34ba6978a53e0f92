#include "server/notify/curl_guard.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

static bool v4_is_local(uint32_t a)
{
	static const struct {
		uint32_t net, bits;
	} nets[] = {
		{0x00000000, 8},  {0x0A000000, 8},  {0x64400000, 10}, {0x7F000000, 8}, {0xA9FE0000, 16}, {0xAC100000, 12},
		{0xC0000000, 24}, {0xC0A80000, 16}, {0xC6120000, 15}, {0xE0000000, 3}, /* multicast, reserved, broadcast */
	};

	for (size_t i = 0; i < sizeof(nets) / sizeof(nets[0]); i++) {
		if ((a ^ nets[i].net) >> (32 - nets[i].bits) == 0)
			return true;
	}
	return false;
}

static bool v6_is_local(const struct in6_addr *a)
{
	uint32_t v4;

	if (IN6_IS_ADDR_V4MAPPED(a) || IN6_IS_ADDR_V4COMPAT(a)) {
		memcpy(&v4, &a->s6_addr[12], sizeof(v4));
		return v4_is_local(ntohl(v4));
	}
	/* fc00::/7 unique local, fe80::/10 link-local, ff00::/8 multicast; ::1 and :: are V4COMPAT-like and unspecified */
	return IN6_IS_ADDR_LOOPBACK(a) || IN6_IS_ADDR_UNSPECIFIED(a) || IN6_IS_ADDR_LINKLOCAL(a) || IN6_IS_ADDR_MULTICAST(a) ||
	       (a->s6_addr[0] & 0xFE) == 0xFC;
}

bool tt_address_is_local(const struct sockaddr *address)
{
	if (address->sa_family == AF_INET)
		return v4_is_local(ntohl(((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr));
	if (address->sa_family == AF_INET6)
		return v6_is_local(&((const struct sockaddr_in6 *)(const void *)address)->sin6_addr);
	return true;
}

/* Looked at after the name was resolved: a name that points inside is refused as well. */
static curl_socket_t open_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *address)
{
	const bool *allow_local = (const bool *)ctx;

	(void)purpose;
	if (!*allow_local && tt_address_is_local(&address->addr))
		return CURL_SOCKET_BAD;
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

enum tt_err tt_curl_guard(CURL *curl, int64_t timeout_ms, const bool *allow_local)
{
	bool ok = curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK && curl_easy_setopt(curl, CURLOPT_PROXY, "") == CURLE_OK &&
		  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
		  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)timeout_ms) == CURLE_OK &&
		  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)timeout_ms) == CURLE_OK &&
		  curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket) == CURLE_OK &&
		  curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, (void *)(uintptr_t)allow_local) == CURLE_OK;

	return ok ? TT_OK : TT_EIO;
}
