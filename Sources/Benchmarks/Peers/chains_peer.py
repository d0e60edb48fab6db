"""A peer's four chains on two cores for the benchmark `hmc-peers`: two processes of two chains each, one thread each, faster
than the peers' own ways of using two cores.

usage: chains_peer.py blackjax-hmc|numpyro-nuts

Reads lines of warm-up iterations, draws and a seed; answers with seconds from the first iteration to the last draw, without
compilation and without predictions, and with the test RMSE and the mean log predictive density of all draws in the target's
unit.
"""
import functools
import multiprocessing
import sys
import time

import numpy

import posterior

CORES, CHAINS = 2, 4


class Chains:
    """Some chains, in a process of its own."""

    def __init__(self, peer, core):
        posterior.one_thread(core)
        import jax
        import jax.numpy as jnp
        self.jax, self.numpy = jax, jnp
        self.core = core
        self.data, self.widths = posterior.energy()
        self.chain = {"blackjax-hmc": self.blackjax_hmc, "numpyro-nuts": self.numpyro_nuts}[peer]

    def blackjax_hmc(self, warmup, draws, key, start):
        import blackjax
        from blackjax.adaptation.base import get_filter_adapt_info_fn as nothing

        def log_density(position):
            return posterior.log_density(position, self.data.x, self.data.y, self.numpy)

        first, second = self.jax.random.split(key)
        adaptation = blackjax.window_adaptation(
            blackjax.hmc, log_density, target_acceptance_rate=0.8, num_integration_steps=32, adaptation_info_fn=nothing())
        (state, tuned), _ = adaptation.run(first, start, num_steps=warmup)
        kernel = blackjax.hmc(log_density, **tuned)

        def step(state, key):
            state, info = kernel.step(key, state)
            return state, (state.position, info.acceptance_rate)

        return self.jax.lax.scan(step, state, self.jax.random.split(second, draws))[1]

    def numpyro_nuts(self, warmup, draws, key, start):
        from numpyro.infer import NUTS, util
        model = util.initialize_model(
            self.jax.random.key(0), posterior.numpyro_model, model_args=(self.data.x, self.data.y, self.widths))
        kernel = NUTS(potential_fn=model.potential_fn, max_tree_depth=7, target_accept_prob=0.8)

        def step(state, _):
            state = kernel.sample(state, (), {})
            return state, (state.z, state.accept_prob)

        state = kernel.init(key, warmup, start)
        state = self.jax.lax.fori_loop(0, warmup, lambda _, state: kernel.sample(state, (), {}), state)
        return self.jax.lax.scan(step, state, length=draws)[1]

    @functools.cache
    def compiled(self, warmup, draws):
        run = self.jax.jit(functools.partial(self.chain, warmup, draws))
        return run.lower(self.jax.random.key(0), posterior.initial(self.widths, 0)).compile()

    def serve(self, pipe):
        while True:
            warmup, draws, seed = pipe.recv()
            run = self.compiled(warmup, draws)
            starts = []
            for number in range(self.core, CHAINS, CORES):
                key = self.jax.random.fold_in(self.jax.random.key(seed), number)
                starts.append((key, posterior.initial(self.widths, seed * CHAINS + number)))
            pipe.send("compiled")
            pipe.recv()
            results = [self.jax.block_until_ready(run(*start)) for start in starts]
            pipe.send("drawn")
            predict = self.jax.jit(self.jax.vmap(lambda p: posterior.predict(p, self.data.test_x, self.numpy)))
            for positions, acceptance in results:
                # A chain whose adaptation died would be fast.
                assert acceptance.mean() > 0.1, acceptance.mean()
                pipe.send((numpy.asarray(predict(positions)), numpy.exp(positions["log_sigma"])))


def serve(peer, core, pipe, inherited):
    # Else the pipe would never end.
    for other in inherited:
        other.close()
    try:
        Chains(peer, core).serve(pipe)
    except EOFError:
        pass


pipes = []
for core in range(CORES):
    ours, theirs = multiprocessing.Pipe()
    multiprocessing.Process(target=serve, args=(sys.argv[1], core, theirs, [*pipes, ours]), daemon=True).start()
    theirs.close()
    pipes.append(ours)
data, _ = posterior.energy()
print("ready", flush=True)
for line in sys.stdin:
    work = [int(word) for word in line.split()]
    for pipe in pipes:
        pipe.send(work)
    for pipe in pipes:
        pipe.recv()
    began = time.perf_counter()
    for pipe in pipes:
        pipe.send("go")
    for pipe in pipes:
        pipe.recv()
    seconds = time.perf_counter() - began
    chains = [pipe.recv() for pipe in pipes for _ in range(CHAINS // CORES)]
    means, sigmas = [numpy.concatenate(parts) for parts in zip(*chains)]
    print(seconds, *posterior.scores(means, sigmas, data.test_y, data.scale), flush=True)
