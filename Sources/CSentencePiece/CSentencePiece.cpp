#include "CSentencePiece.h"

#include <sentencepiece_processor.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <string_view>
#include <vector>

struct CSentencePieceModel {
  sentencepiece::SentencePieceProcessor processor;
};

namespace {

int32_t fail(char *message, const char *text) {
  std::snprintf(message, CSENTENCEPIECE_MESSAGE_BYTES, "%s", text);
  return 1;
}

template <typename Body>
int32_t guarded(char *message, Body body) {
  try {
    return body();
  } catch (const std::exception &error) {
    return fail(message, error.what());
  } catch (...) {
    return fail(message, "an exception of no known type");
  }
}

}  // namespace

extern "C" int32_t csentencepiece_load(
    const uint8_t *bytes, size_t count, CSentencePieceModel **model, char *message) {
  return guarded(message, [&] {
    auto loaded = std::make_unique<CSentencePieceModel>();
    auto text = std::string_view(reinterpret_cast<const char *>(bytes), count);
    auto status = loaded->processor.LoadFromSerializedProto(text);
    if (!status.ok()) return fail(message, status.message());
    *model = loaded.release();
    return 0;
  });
}

extern "C" void csentencepiece_free(CSentencePieceModel *model) { delete model; }

extern "C" int32_t csentencepiece_size(const CSentencePieceModel *model) { return model->processor.GetPieceSize(); }

extern "C" int32_t csentencepiece_end(const CSentencePieceModel *model) { return model->processor.eos_id(); }

extern "C" int32_t csentencepiece_encode(
    const CSentencePieceModel *model, const char *text, size_t bytes, int32_t **pieces, size_t *count, char *message) {
  return guarded(message, [&] {
    std::vector<int> found;
    auto status = model->processor.Encode(std::string_view(text, bytes), &found);
    if (!status.ok()) return fail(message, status.message());
    *pieces = static_cast<int32_t *>(std::malloc((found.size() + 1) * sizeof(int32_t)));
    if (!*pieces) return fail(message, "there is no memory for the pieces");
    std::memcpy(*pieces, found.data(), found.size() * sizeof(int32_t));
    *count = found.size();
    return 0;
  });
}

extern "C" void csentencepiece_free_pieces(int32_t *pieces) { std::free(pieces); }
