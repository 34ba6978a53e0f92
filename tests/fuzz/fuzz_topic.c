/* Topics. What is accepted is exactly what would be written for that unit and class. */
#include "base/err.h"
#include "wire/topic.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char topic[256], again[TT_TOPIC_MAX];
	struct tt_topic t;

	if (size >= sizeof(topic))
		return 0;
	if (size > 0)
		memcpy(topic, data, size);
	topic[size] = '\0';
	if (tt_topic_parse(topic, &t))
		return 0;
	tt_topic_up(t.unit, t.cls, again);
	TT_ASSERT(strcmp(topic, again) == 0);
	return 0;
}
