#include "Border.h"

#include <stdlib.h>
#include <turbojpeg.h>

static int32_t decode(
    tjhandle decoder, const uint8_t *bytes, size_t count, int64_t pixels_max, CImage *image, char *message) {
  int width = 0, height = 0, subsampling = 0, colours = 0;
  if (tjDecompressHeader3(decoder, bytes, count, &width, &height, &subsampling, &colours)) {
    return cimages_fail(message, "%s", tjGetErrorStr2(decoder));
  }
  if (colours == TJCS_CMYK || colours == TJCS_YCCK) {
    return cimages_fail(message, "its colours are CMYK; convert it to RGB");
  }
  int32_t channels = colours == TJCS_GRAY ? 1 : 3;
  if (cimages_allocate(image, width, height, channels, pixels_max, message)) return 1;
  // A damaged file is a warning to the library, which would go on with grey; hundreds of scans are an attack.
  int flags = TJFLAG_ACCURATEDCT | TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS;
  int format = channels == 1 ? TJPF_GRAY : TJPF_RGB;
  if (tjDecompress2(decoder, bytes, count, image->pixels, width, 0, height, format, flags)) {
    free(image->pixels);
    image->pixels = NULL;
    return cimages_fail(message, "%s", tjGetErrorStr2(decoder));
  }
  return 0;
}

int32_t cimages_decode_jpeg(const uint8_t *bytes, size_t count, int64_t pixels_max, CImage *image, char *message) {
  tjhandle decoder = tjInitDecompress();
  if (!decoder) return cimages_fail(message, "%s", tjGetErrorStr2(NULL));
  int32_t status = decode(decoder, bytes, count, pixels_max, image, message);
  tjDestroy(decoder);
  return status;
}
