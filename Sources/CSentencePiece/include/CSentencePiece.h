// Texts to numbers by the SentencePiece library.
//
// Each call that can fail returns 0, or 1 with a text in `message`, which the caller supplies. No exception leaves them.
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CSENTENCEPIECE_MESSAGE_BYTES 256

typedef struct CSentencePieceModel CSentencePieceModel;

// Opens the library; 0 if it is there and can be used. The other calls open it, too.
int32_t csentencepiece_open(char *message);

int32_t csentencepiece_load(const uint8_t *bytes, size_t count, CSentencePieceModel **model, char *message);
void csentencepiece_free(CSentencePieceModel *model);

// Number of pieces.
int32_t csentencepiece_size(const CSentencePieceModel *model);
// Number of the piece that ends a text, or -1.
int32_t csentencepiece_end(const CSentencePieceModel *model);

// Pieces of a text; `pieces` is the caller's to give to csentencepiece_free_pieces.
int32_t csentencepiece_encode(
    const CSentencePieceModel *model, const char *text, size_t bytes, int32_t **pieces, size_t *count, char *message);
void csentencepiece_free_pieces(int32_t *pieces);

#ifdef __cplusplus
}
#endif
