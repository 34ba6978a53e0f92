/*
 * A notification as a mail (RFC 5322): headers and a body in the customer's language. The text is built from the template's name and the
 * payload; a template unknown here says what the payload's text says. No I/O.
 */
#ifndef TT_SERVER_NOTIFY_MAIL_H
#define TT_SERVER_NOTIFY_MAIL_H

#include "crm/store/rows.h"

/* One address, without anything that could end a header or add a recipient. */
bool tt_mail_address_ok(const char *address);

/*
 * *out: heap, the caller frees; lines end in CRLF; the body is base64. Message-ID is made of the idempotency key's hash, so a repeat
 * carries the same. TT_EINVAL: recipient or sender is no plain address; TT_ENOMEM.
 */
TT_MUSTCHECK enum tt_err tt_mail_compose(const struct tt_outbox *row, const char *from, tt_utc_us now, char **out);

#endif
