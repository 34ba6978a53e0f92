#include "base/err.h"

#define TT_ERR_TEXT(name, text) [name] = (text),
#define TT_ERR_NAME(name, text) [name] = #name,

static const char *const err_texts[TT_ERR_COUNT] = {[TT_OK] = "ok", TT_ERR_MAP(TT_ERR_TEXT)};
static const char *const err_names[TT_ERR_COUNT] = {[TT_OK] = "TT_OK", TT_ERR_MAP(TT_ERR_NAME)};

const char *tt_err_text(enum tt_err err)
{
	return (unsigned)err < TT_ERR_COUNT ? err_texts[err] : "unknown error";
}

const char *tt_err_name(enum tt_err err)
{
	return (unsigned)err < TT_ERR_COUNT ? err_names[err] : "TT_E?";
}
