"""A peer's products of 1024 x 1024 matrices, float32, on one thread: what a core can do, for the benchmark `gradient-peers`.

usage: product_peer.py jax

Reads a number of products, answers with seconds of processor time. XLA's use AVX-512 where the processor has it, libtorch's
on Intel's processors only.
"""
import sys
import time

import posterior

posterior.one_thread()

import jax

matrix = jax.random.normal(jax.random.key(0), (1024, 1024))
product = jax.jit(lambda a: a @ a)
product(matrix).block_until_ready()
print("ready", flush=True)
for line in sys.stdin:
    began = time.process_time()
    for _ in range(int(line)):
        product(matrix).block_until_ready()
    print(time.process_time() - began, flush=True)
