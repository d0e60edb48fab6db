"""Opens a store of ExampleStore.swift with every reader this environment has, and compares every value.

usage: check.py STORE CHAINS DRAWS WARMUP EVALUATED    (warnings are errors)
"""
import sys
import warnings

import numpy as np
import xarray as xr
import zarr

store, (chains, draws, warmup, evaluated) = sys.argv[1], map(int, sys.argv[2:])
warnings.simplefilter("error")


def check(group, name, expected, dims):
    array = group[name]
    assert array.dims == dims, (name, array.dims)
    values = array.values
    assert values.dtype == expected.dtype, (name, values.dtype, expected.dtype)
    assert values.shape == expected.shape, (name, values.shape, expected.shape)
    assert (values == expected).all(), (name, values, expected)


def grid(chains, draws, scale=1000):
    return scale * np.arange(chains)[:, None] + np.arange(draws)[None, :]


def check_groups(groups):
    cd = ("chain", "draw")
    value, draw = grid(chains, draws), np.broadcast_to(np.arange(draws), (chains, draws))
    posterior, stats = groups["posterior"], groups["sample_stats"]
    check(posterior, "theta", value[..., None] + np.array([0, 1, 2]) / 10, cd + ("theta_dim",))
    check(posterior, "sigma", -value.astype(float), cd)
    check(posterior, "theta_dim", np.arange(3), ("theta_dim",))
    check(posterior, "chain", np.arange(chains), ("chain",))
    check(posterior, "draw", np.arange(draws), ("draw",))
    assert posterior["theta"].attrs == {"long_name": "weights"}, posterior["theta"].attrs
    assert posterior.attrs == {"inference_library": "tributary"}, posterior.attrs
    check(stats, "diverging", draw % 7 == 3, cd)
    check(stats, "tree_depth", draw % 9 - 1, cd)
    warm = 4 if warmup else 0
    check(groups["warmup_sample_stats"], "step_size", (grid(warm, warmup, 100) + 0.5).astype(np.float32), cd)
    predicted = groups["posterior_predictive"]
    shown = grid(4, 120).astype(float) if evaluated else np.zeros((0, 0))
    check(predicted, "y", np.stack([shown, 0 * shown - 1], -1), cd + ("obs",))
    check(predicted, "obs", np.array([7, 3]), ("obs",))
    constant, observed = groups["constant_data"], groups["observed_data"]
    check(constant, "x", np.array([[1.0, 2], [3, 4]]), ("obs", "feature"))
    check(constant, "feature", np.array(["rooms", "größe"]), ("feature",))
    if evaluated:
        check(observed, "y", np.array([10.5, -1]), ("obs",))
    else:
        assert not observed.variables, observed


names = ["posterior", "sample_stats", "warmup_sample_stats", "posterior_predictive", "observed_data", "constant_data"]
check_groups({name: xr.open_zarr(store, group=name) for name in names})
if zarr.__version__.startswith("2."):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # ArviZ 0.23 announces ArviZ 1 when imported.
        import arviz
    data = arviz.from_zarr(store)
    check_groups({name: getattr(data, name) for name in names if evaluated or name != "observed_data"}
                 | ({} if evaluated else {"observed_data": xr.Dataset()}))
else:
    tree = xr.open_datatree(store, engine="zarr")
    check_groups({name: tree[name] for name in names})
    assert tree.attrs["inference_library"] == "tributary"
print("read", zarr.__version__)
