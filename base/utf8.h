/*
 * UTF-8 (RFC 3629): the one place that knows which bytes are well formed: shortest form only, no surrogates, nothing above U+10FFFF.
 * Text comes from buses, brokers, files and browsers; each border checks it here before it is stored or shown. PURE. No state.
 */
#ifndef TT_BASE_UTF8_H
#define TT_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Length 1..4 of the sequence s[0..n) begins with, and its code point. 0 when it begins with none (n == 0 too); *rune is then untouched. */
size_t tt_utf8_next(const char *s, size_t n, uint32_t *rune);
bool tt_utf8_valid(const char *s, size_t n);
/* Well formed, and without the control characters of ASCII (U+0000..1F, 7F) and of ISO 6429 (U+0080..9F). */
bool tt_utf8_printable(const char *s, size_t n);

#endif
