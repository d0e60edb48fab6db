"""A peer's Bayesian deep ensemble by microcanonical Langevin dynamics (MILE), on the energy set and two cores.

usage: mile_peer.py [members] [tuning steps] [sampling steps] [thinning] [epochs]

One line for each seed that is read: wall seconds of the fit, those of them that XLA compiled in, and the test RMSE and the mean log
predictive density of all draws, in units of the target's standard deviation over the training rows. The first line says
that it is ready.
"""
import os
import sys
import time

# Members are spread over XLA's devices.
os.environ["XLA_FLAGS"] = "--xla_force_host_platform_device_count=2"
# Its bars would take the terminal, and some of its time.
os.environ["TQDM_DISABLE"] = "1"

import jax
import numpy
from bde import BdeRegressor

import posterior

members, tuning, sampling, thinning, epochs = [int(word) for word in sys.argv[1:]] or [8, 10_000, 5_000, 10, 1_000]
compilation = []
jax.monitoring.register_event_duration_secs_listener(
    lambda event, seconds, **_: compilation.append(seconds) if "backend_compile" in event else None)
rows = posterior.table()
order = numpy.random.RandomState(0).permutation(len(rows))
held_out = round(0.2 * len(rows))
data = posterior.standardised(rows, order[:-held_out], order[-held_out:])

print("ready", flush=True)
for line in sys.stdin:
    compilation.clear()
    began = time.perf_counter()
    ensemble = BdeRegressor(
        n_members=members, hidden_layers=[16, 16], activation="relu", seed=int(line), epochs=epochs, warmup_steps=tuning,
        n_samples=sampling, n_thinning=thinning)
    ensemble.fit(data.x, data.y)
    seconds, compiling = time.perf_counter() - began, sum(compilation)
    heads = numpy.asarray(ensemble.predict(data.test_x, raw=True), "float64").reshape(-1, held_out, 2)
    means, sigmas = heads[..., 0], numpy.logaddexp(0, heads[..., 1]) + 1e-6
    print(seconds, compiling, *posterior.scores(means, sigmas, data.test_y, 1), flush=True)
