"""A peer's leapfrog steps for the benchmark `gradient-peers`, one chain on one thread.

usage: gradient_peer.py numpyro|blackjax|jax energy|toy

Reads a number of steps, a multiple of 100, of one gradient each; answers with seconds of processor time. They run in a
compiled loop, so neither compilation nor the call from Python counts. The first answer is the number of parameters.
"""
import sys
import time

import posterior

posterior.one_thread()

import jax
import jax.numpy as jnp

peer, name = sys.argv[1:]
data, widths = {"energy": posterior.energy, "toy": posterior.toy}[name]()
start = jax.tree.map(jnp.asarray, posterior.initial(widths, seed=0))
STEPS, SIZE = 100, 1e-4


def log_density(position):
    return posterior.log_density(position, data.x, data.y, jnp)


def numpyro_leapfrog():
    from numpyro.infer import hmc_util, util
    model = util.initialize_model(
        jax.random.key(0), posterior.numpyro_model, model_args=(data.x, data.y, widths))
    euclidean = lambda inverse_mass, r: 0.5 * sum((v * v).sum() for v in jax.tree.leaves(r))
    begin, step = hmc_util.velocity_verlet(model.potential_fn, euclidean)
    first = begin(start, start)
    return first, lambda state: step(SIZE, None, state), jax.tree.map(jnp.negative, first.z_grad)


def blackjax_leapfrog():
    from blackjax.mcmc import integrators, metrics
    euclidean = metrics.default_metric(jnp.ones(sum(v.size for v in start.values())))
    step = integrators.velocity_verlet(log_density, euclidean.kinetic_energy)
    first = integrators.new_integrator_state(log_density, start, start)
    return first, lambda state: step(state, SIZE), first.logdensity_grad


def jax_leapfrog():
    slope = jax.grad(log_density)

    def step(state):
        position, momentum, gradient = state
        momentum = jax.tree.map(lambda r, g: r + 0.5 * SIZE * g, momentum, gradient)
        position = jax.tree.map(lambda q, r: q + SIZE * r, position, momentum)
        gradient = slope(position)
        return position, jax.tree.map(lambda r, g: r + 0.5 * SIZE * g, momentum, gradient), gradient

    return (start, start, slope(start)), step, slope(start)


state, step, gradient = {"numpyro": numpyro_leapfrog, "blackjax": blackjax_leapfrog, "jax": jax_leapfrog}[peer]()
posterior.check_gradient(gradient, start, data)
run = jax.jit(lambda state: jax.lax.scan(lambda s, _: (step(s), None), state, length=STEPS)[0])
for _ in range(3):
    state = jax.block_until_ready(run(state))
print(sum(v.size for v in start.values()), flush=True)
for line in sys.stdin:
    began = time.process_time()
    for _ in range(int(line) // STEPS):
        state = run(state)
    jax.block_until_ready(state)
    print(time.process_time() - began, flush=True)
    assert all(jnp.isfinite(leaf).all() for leaf in jax.tree.leaves(state))
