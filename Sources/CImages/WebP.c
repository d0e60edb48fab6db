#include "Border.h"

#include <stdlib.h>
#include <webp/decode.h>

int32_t cimages_decode_webp(const uint8_t *bytes, size_t count, int64_t pixels_max, CImage *image, char *message) {
  WebPBitstreamFeatures features;
  if (WebPGetFeatures(bytes, count, &features) != VP8_STATUS_OK) {
    return cimages_fail(message, "its header is damaged or cut off");
  }
  if (features.has_animation) return cimages_fail(message, "it is an animation; give one picture");
  int32_t channels = features.has_alpha ? 4 : 3;
  if (cimages_allocate(image, features.width, features.height, channels, pixels_max, message)) return 1;
  size_t size = (size_t)image->width * (size_t)image->height * (size_t)channels;
  int stride = image->width * channels;
  uint8_t *decoded = channels == 4 ? WebPDecodeRGBAInto(bytes, count, image->pixels, size, stride)
                                   : WebPDecodeRGBInto(bytes, count, image->pixels, size, stride);
  if (!decoded) {
    free(image->pixels);
    image->pixels = NULL;
    return cimages_fail(message, "it is damaged or cut off");
  }
  return 0;
}
