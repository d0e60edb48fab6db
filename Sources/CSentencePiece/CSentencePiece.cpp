#include "CSentencePiece.h"

#include <dlfcn.h>
#include <sentencepiece_processor.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

// The library is opened at run time and on its own. Linked, its variable FLAGS_minloglevel and its copy of protobuf would be taken
// for libtorch's of the same names and other sizes, and each would write into the other's memory. So nothing of its header is
// called; only the size of a class is taken from it.
namespace {

class Library;
const Library &library();

// sentencepiece::util::Status: a pointer that is null where all went well.
struct Status {
  void *reason = nullptr;
  Status() = default;
  Status(const Status &) = delete;
  ~Status();
};

class Library {
 public:
  void (*construct)(void *self);
  void (*destruct)(void *self);
  Status (*load)(void *self, std::string_view bytes);
  Status (*encode)(const void *self, std::string_view text, std::vector<int> *pieces);
  int (*size)(const void *self);
  int (*end)(const void *self);
  void (*destructStatus)(Status *self);
  const char *(*message)(const Status *self);

  Library() {
#if __has_feature(address_sanitizer)
    throw std::runtime_error("the address sanitizer cannot work with a library that is opened on its own");
#else
    handle_ = dlopen("libsentencepiece.so.0", RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND);
    if (!handle_) throw std::runtime_error(std::string(dlerror()) + "; install the Debian package libsentencepiece0");
    find(construct, "_ZN13sentencepiece22SentencePieceProcessorC1Ev");
    find(destruct, "_ZN13sentencepiece22SentencePieceProcessorD1Ev");
    find(load, "_ZN13sentencepiece22SentencePieceProcessor23LoadFromSerializedProtoESt17basic_string_viewIcSt11char_traitsIcEE");
    find(encode,
         "_ZNK13sentencepiece22SentencePieceProcessor6EncodeESt17basic_string_viewIcSt11char_traitsIcEEPSt6vectorIiSaIiEE");
    find(size, "_ZNK13sentencepiece22SentencePieceProcessor12GetPieceSizeEv");
    find(end, "_ZNK13sentencepiece22SentencePieceProcessor6eos_idEv");
    find(destructStatus, "_ZN13sentencepiece4util6StatusD1Ev");
    find(message, "_ZNK13sentencepiece4util6Status13error_messageEv");
#endif
  }

 private:
  void *handle_ = nullptr;

  template <typename Function>
  void find(Function &function, const char *name) {
    function = reinterpret_cast<Function>(dlsym(handle_, name));
    if (!function) throw std::runtime_error("libsentencepiece.so.0 has no " + std::string(name));
  }
};

// Opened once, at the first use, and never closed.
const Library &library() {
  static const Library library;
  return library;
}

Status::~Status() {
  if (reason) library().destructStatus(this);
}

void check(const Status &status) {
  if (status.reason) throw std::runtime_error(library().message(&status));
}

int32_t fail(char *message, const char *text) {
  std::snprintf(message, CSENTENCEPIECE_MESSAGE_BYTES, "%s", text);
  return 1;
}

template <typename Body>
int32_t guarded(char *message, Body body) {
  try {
    body();
    return 0;
  } catch (const std::exception &error) {
    return fail(message, error.what());
  } catch (...) {
    return fail(message, "an exception of no known type");
  }
}

}  // namespace

struct CSentencePieceModel {
  alignas(sentencepiece::SentencePieceProcessor) unsigned char processor[sizeof(sentencepiece::SentencePieceProcessor)];

  CSentencePieceModel() { library().construct(processor); }
  CSentencePieceModel(const CSentencePieceModel &) = delete;
  ~CSentencePieceModel() { library().destruct(processor); }
};

extern "C" int32_t csentencepiece_open(char *message) {
  return guarded(message, [] { library(); });
}

extern "C" int32_t csentencepiece_load(
    const uint8_t *bytes, size_t count, CSentencePieceModel **model, char *message) {
  return guarded(message, [&] {
    auto loaded = std::make_unique<CSentencePieceModel>();
    check(library().load(loaded->processor, std::string_view(reinterpret_cast<const char *>(bytes), count)));
    *model = loaded.release();
  });
}

extern "C" void csentencepiece_free(CSentencePieceModel *model) { delete model; }

extern "C" int32_t csentencepiece_size(const CSentencePieceModel *model) { return library().size(model->processor); }

extern "C" int32_t csentencepiece_end(const CSentencePieceModel *model) { return library().end(model->processor); }

extern "C" int32_t csentencepiece_encode(
    const CSentencePieceModel *model, const char *text, size_t bytes, int32_t **pieces, size_t *count, char *message) {
  return guarded(message, [&] {
    std::vector<int> found;
    check(library().encode(model->processor, std::string_view(text, bytes), &found));
    *pieces = static_cast<int32_t *>(std::malloc((found.size() + 1) * sizeof(int32_t)));
    if (!*pieces) throw std::runtime_error("there is no memory for the pieces");
    std::memcpy(*pieces, found.data(), found.size() * sizeof(int32_t));
    *count = found.size();
  });
}

extern "C" void csentencepiece_free_pieces(int32_t *pieces) { std::free(pieces); }
