#pragma once

#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <zmq.h>

/// Swift does not import variadic functions.
static inline int name_this_thread(const char *name) { return prctl(PR_SET_NAME, name, 0, 0, 0); }
