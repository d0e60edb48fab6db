#pragma once
#include "include/CImages.h"

// Writes a message and returns the status of a failed call.
int32_t cimages_fail(char *message, const char *format, ...) __attribute__((format(printf, 2, 3)));

// Checks the size and takes memory for the pixels; 0 if that worked.
int32_t cimages_allocate(CImage *image, int64_t width, int64_t height, int32_t channels, int64_t pixels_max, char *message);
