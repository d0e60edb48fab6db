#include "Border.h"

#include <png.h>
#include <stdlib.h>
#include <string.h>

// libpng's simplified interface catches its own jumps and leaves the text in the image.
int32_t cimages_decode_png(const uint8_t *bytes, size_t count, int64_t pixels_max, CImage *image, char *message) {
  png_image png;
  memset(&png, 0, sizeof png);
  png.version = PNG_IMAGE_VERSION;
  if (!png_image_begin_read_from_memory(&png, bytes, count)) {
    png_image_free(&png);
    return cimages_fail(message, "%s", png.message);
  }
  // Without this, 16-bit samples of a file that does not say would count as linear light.
  png.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;
  int has_alpha = (png.format & PNG_FORMAT_FLAG_ALPHA) != 0;
  int has_colour = (png.format & PNG_FORMAT_FLAG_COLOR) != 0;
  png.format = has_alpha ? PNG_FORMAT_RGBA : has_colour ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
  int32_t channels = has_alpha ? 4 : has_colour ? 3 : 1;
  if (cimages_allocate(image, png.width, png.height, channels, pixels_max, message)) {
    png_image_free(&png);
    return 1;
  }
  if (!png_image_finish_read(&png, NULL, image->pixels, 0, NULL)) {
    free(image->pixels);
    image->pixels = NULL;
    return cimages_fail(message, "%s", png.message);
  }
  return 0;
}

int32_t cimages_encode_png(const CImage *image, uint8_t **bytes, size_t *count, char *message) {
  png_image png;
  memset(&png, 0, sizeof png);
  png.version = PNG_IMAGE_VERSION;
  png.width = (png_uint_32)image->width;
  png.height = (png_uint_32)image->height;
  png.format = image->channels == 1 ? PNG_FORMAT_GRAY : image->channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_RGBA;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(png);
  *bytes = malloc(size);
  if (!*bytes) return cimages_fail(message, "there is no memory for the file");
  if (!png_image_write_to_memory(&png, *bytes, &size, 0, image->pixels, 0, NULL)) {
    free(*bytes);
    *bytes = NULL;
    return cimages_fail(message, "%s", png.message);
  }
  *count = size;
  return 0;
}
