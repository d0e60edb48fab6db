#include "Border.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

int32_t cimages_fail(char *message, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message, CIMAGES_MESSAGE_BYTES, format, arguments);
  va_end(arguments);
  return 1;
}

int32_t cimages_allocate(
    CImage *image, int64_t width, int64_t height, int32_t channels, int64_t pixels_max, char *message) {
  if (width <= 0 || height <= 0 || width > INT32_MAX || height > INT32_MAX) {
    return cimages_fail(message, "it claims to be %lld by %lld pixels", (long long)width, (long long)height);
  }
  if (width * height > pixels_max) {
    return cimages_fail(
        message, "it has %lld by %lld pixels, more than the %lld that are read", (long long)width, (long long)height,
        (long long)pixels_max);
  }
  image->width = (int32_t)width;
  image->height = (int32_t)height;
  image->channels = channels;
  image->pixels = malloc((size_t)(width * height) * (size_t)channels);
  return image->pixels ? 0 : cimages_fail(message, "there is no memory for its pixels");
}

void cimages_free(void *memory) { free(memory); }
