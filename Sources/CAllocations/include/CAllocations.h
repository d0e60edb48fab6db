// Counts requests for memory: a program that links this has the C library's allocator behind a counter.
#pragma once

#include <stdint.h>

// Requests of the calling thread so far, by malloc and whatever stands on it: C++'s new, Swift's arrays and objects.
uint64_t callocations_count(void);
