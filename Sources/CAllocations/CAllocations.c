#include "CAllocations.h"

#include <errno.h>
#include <stddef.h>

// The allocator itself, under names that glibc keeps for programs which put functions of their own before it.
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

// A model of access that asks for no memory when a thread counts first.
static _Thread_local uint64_t requests __attribute__((tls_model("initial-exec")));

uint64_t callocations_count(void) { return requests; }

void *malloc(size_t size) {
  requests++;
  return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
  requests++;
  return __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size) {
  requests++;
  return __libc_realloc(memory, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
  requests++;
  return __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size) {
  if (alignment % sizeof(void *) != 0 || (alignment & (alignment - 1)) != 0) return EINVAL;
  requests++;
  void *const place = __libc_memalign(alignment, size);
  if (place == NULL) return ENOMEM;
  *memory = place;
  return 0;
}
