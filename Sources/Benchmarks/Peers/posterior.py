"""The posteriors that peers draw from: y ~ N(f(x), exp(log_sigma)), f a network with tanh, everything else N(0, 1).

A position is a dictionary of w0, b0, w1, … and log_sigma, the names that a peer's own model has for them, too.
"""
import os
from types import SimpleNamespace

import numpy


def one_thread(core=-1):
    """Keeps the process, threads of XLA's included, to one core, the last if none is named; to be called before jax is
    imported."""
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    os.environ["OMP_NUM_THREADS"] = "1"
    os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[core]})


def standardised(rows, training, test):
    """Both parts in units of the training rows' standard deviations, the last column being the target."""
    mean, scale = rows[training].mean(0), rows[training].std(0)
    z = ((rows - mean) / scale).astype("float32")
    return SimpleNamespace(
        x=z[training, :-1], y=z[training, -1], test_x=z[test, :-1], test_y=z[test, -1], scale=float(scale[-1]))


def table():
    return numpy.loadtxt("Sources/Datasets/Resources/uci/energy.csv", delimiter=",", skiprows=1)


def energy():
    """The first of the twenty splits of Gal and Ghahramani (2016), and widths of 3,052 parameters with log_sigma."""
    rows = table()
    order = numpy.random.RandomState(1).choice(len(rows), len(rows), replace=False)
    count = round(0.9 * len(rows))
    return standardised(rows, order[:count], order[count:]), [8, 50, 50, 1]


def toy():
    """A hundred points of a wave, and widths of 2,702 parameters with log_sigma."""
    x = numpy.linspace(-2, 2, 100)
    rows = numpy.stack([x, numpy.sin(2 * x) + 0.1 * numpy.cos(37 * x)], 1)
    return standardised(rows, numpy.arange(100), numpy.arange(0)), [1, 50, 50, 1]


def predict(position, x, library):
    """f at every row of x, by numpy or jax.numpy."""
    layers = (len(position) - 1) // 2
    for layer in range(layers):
        x = x @ position[f"w{layer}"] + position[f"b{layer}"]
        if layer < layers - 1:
            x = library.tanh(x)
    return x[:, 0]


def log_density(position, x, y, library):
    """Up to a constant."""
    z = (y - predict(position, x, library)) * library.exp(-position["log_sigma"])
    prior = sum((value * value).sum() for value in position.values())
    return -0.5 * ((z * z).sum() + prior) - len(y) * position["log_sigma"]


def initial(widths, seed):
    """Weights N(0, 1 / inputs), everything else 0."""
    random = numpy.random.RandomState(seed)
    position = {"log_sigma": numpy.float32(0)}
    for layer, (inputs, outputs) in enumerate(zip(widths, widths[1:])):
        position[f"w{layer}"] = (random.randn(inputs, outputs) * inputs ** -0.5).astype("float32")
        position[f"b{layer}"] = numpy.zeros(outputs, "float32")
    return position


def numpyro_model(x, y, widths):
    """The posterior as NumPyro's users write it."""
    import jax.numpy as jnp
    import numpyro
    from numpyro.distributions import Normal
    position = {}
    for layer, (inputs, outputs) in enumerate(zip(widths, widths[1:])):
        for name, shape in ((f"w{layer}", [inputs, outputs]), (f"b{layer}", [outputs])):
            position[name] = numpyro.sample(name, Normal(0, 1).expand(shape).to_event(len(shape)))
    position["log_sigma"] = numpyro.sample("log_sigma", Normal(0, 1))
    numpyro.sample("y", Normal(predict(position, x, jnp), jnp.exp(position["log_sigma"])), obs=y)


def check_gradient(gradient, position, data):
    """Compares with central differences of double precision along a few directions."""
    double = {name: numpy.asarray(value, "float64") for name, value in position.items()}
    for seed in range(3):
        random = numpy.random.RandomState(seed)
        direction = {name: random.randn(*value.shape) for name, value in double.items()}
        ends = [{name: double[name] + step * direction[name] for name in double} for step in (1e-5, -1e-5)]
        high, low = [log_density(end, data.x.astype("float64"), data.y.astype("float64"), numpy) for end in ends]
        slope = sum((numpy.asarray(gradient[name], "float64") * direction[name]).sum() for name in double)
        assert abs(slope - (high - low) / 2e-5) < 1e-3 * (1 + abs(slope)), (slope, (high - low) / 2e-5)


def scores(means, sigmas, targets, scale):
    """Of the mixture of all draws, in units of which the standardised one has `scale`: root mean square error, and mean log
    predictive density. Means are draws x rows; sigmas are draws, or as the means."""
    means, sigmas = numpy.asarray(means, "float64"), numpy.asarray(sigmas, "float64")
    sigmas = sigmas if sigmas.ndim == 2 else sigmas[:, None]
    error = numpy.sqrt(numpy.square(means.mean(0) - targets).mean())
    logs = -0.5 * numpy.square((targets - means) / sigmas) - numpy.log(sigmas) - 0.5 * numpy.log(2 * numpy.pi)
    density = numpy.logaddexp.reduce(logs, 0) - numpy.log(len(logs))
    return error * scale, density.mean() - numpy.log(scale)
