/* One frame of each type, every field filled in. */
#ifndef WIRE_TEST_SAMPLES_H
#define WIRE_TEST_SAMPLES_H

#include <ic/wire/message.h>

size_t wire_sample_count(void);
const struct ic_wire_frame *wire_sample(size_t i);

#endif
