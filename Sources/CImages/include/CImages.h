// PNG, JPEG and WebP by libpng, libjpeg-turbo and libwebp.
//
// Each call returns 0, or 1 with a text in `message`, which the caller supplies. The libraries' own error handling stays
// on this side of the border: nothing jumps over the caller's frames.
#pragma once
#include <stddef.h>
#include <stdint.h>

#define CIMAGES_MESSAGE_BYTES 256

// Pixels in rows, the channels of a pixel side by side; 1 channel is grey, 3 are red, green and blue, 4 have alpha, too.
typedef struct {
  int32_t width;
  int32_t height;
  int32_t channels;
  uint8_t *pixels;
} CImage;

// Decoders of a whole file. `pixels` is the caller's to give to cimages_free; images of more than `pixels_max` pixels are
// refused before memory is taken for them.
int32_t cimages_decode_png(const uint8_t *bytes, size_t count, int64_t pixels_max, CImage *image, char *message);
int32_t cimages_decode_jpeg(const uint8_t *bytes, size_t count, int64_t pixels_max, CImage *image, char *message);
int32_t cimages_decode_webp(const uint8_t *bytes, size_t count, int64_t pixels_max, CImage *image, char *message);

// Encodes an image as PNG; `bytes` is the caller's to give to cimages_free.
int32_t cimages_encode_png(const CImage *image, uint8_t **bytes, size_t *count, char *message);

void cimages_free(void *memory);
