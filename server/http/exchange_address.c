/* Who asks, and whether he may see what operators see. */
#include "server/http/http_internal.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

static void peer_of(struct MHD_Connection *conn, char *out, size_t cap)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(conn, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	const void *address = NULL;
	int family = AF_UNSPEC;

	if (info && info->client_addr) {
		family = info->client_addr->sa_family;
		if (family == AF_INET)
			address = &((const struct sockaddr_in *)(const void *)info->client_addr)->sin_addr;
		else if (family == AF_INET6)
			address = &((const struct sockaddr_in6 *)(const void *)info->client_addr)->sin6_addr;
	}
	if (!address || !inet_ntop(family, address, out, (socklen_t)cap))
		(void)snprintf(out, cap, "unknown"); /* cap is a constant far above 8 */
}

/* The last element is the one the proxy itself added; what stands before it anybody may have written. */
static bool last_forwarded(const char *header, char *out, size_t cap)
{
	const char *from = strrchr(header, ',');
	size_t n;

	from = from ? from + 1 : header;
	from += strspn(from, " ");
	n = strcspn(from, " ");
	if (n == 0 || n >= cap)
		return false;
	memcpy(out, from, n);
	out[n] = '\0';
	return true;
}

static bool listed(const char *list, const char *address)
{
	size_t len = strlen(address);

	while (*list) {
		size_t n;

		list += strspn(list, ", ");
		n = strcspn(list, ", ");
		if (n == len && n > 0 && strncmp(list, address, n) == 0)
			return true;
		list += n;
	}
	return false;
}

void tt_exchange_address(struct tt_exchange *x)
{
	const struct tt_http_config *config = &x->http->config;
	const char *forwarded = MHD_lookup_connection_value(x->conn, MHD_HEADER_KIND, "X-Forwarded-For");
	bool proxied = forwarded != NULL;

	peer_of(x->conn, x->address, sizeof(x->address));
	if (forwarded && strcmp(config->trusted_proxy, x->address) == 0 && last_forwarded(forwarded, x->address, sizeof(x->address)))
		proxied = false; /* and known who it is */
	/* Behind a proxy nobody told us about everybody looks local: then nobody is an operator. */
	x->operator_address = !proxied && listed(config->operators, x->address);
}
