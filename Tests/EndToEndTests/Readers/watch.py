"""Opens a store again and again while it grows, and compares all that it saw with what is there at the end.

usage: watch.py STORE END    (END: a file that appears when the job has ended; warnings are errors)
"""
import os
import sys
import time
import warnings

import numpy as np
import xarray as xr
import zarr

store, end = sys.argv[1:]
GROUPS = ["posterior", "sample_stats", "warmup_sample_stats", "posterior_predictive", "log_likelihood", "predictions"]

if zarr.__version__.startswith("2."):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # ArviZ 0.23 announces ArviZ 1 when imported.
        import arviz
warnings.simplefilter("error")


def read():
    """Every array of draws, by group and name."""
    if zarr.__version__.startswith("2."):
        data = arviz.from_zarr(store)
        datasets = {group: data[group] for group in GROUPS}
    else:
        datasets = {group: xr.open_zarr(store, group=group) for group in GROUPS}
    return {(group, name): dataset[name].values.copy()
            for group, dataset in datasets.items() for name in dataset.data_vars}


print("ready", flush=True)
while not os.path.exists(os.path.join(store, ".zmetadata")):
    time.sleep(0.01)
seen = []
while True:
    is_last = os.path.exists(end)
    seen.append(read())
    if is_last:
        break

final = seen[-1]
for key, values in final.items():
    assert values.shape[0] == 4 and values.shape[1] > 0, (key, values.shape)
    areas = [arrays[key].shape[0] * arrays[key].shape[1] for arrays in seen]
    assert areas == sorted(areas), (key, "shrank", areas)
    for arrays in seen:
        part = arrays[key]
        assert not np.isnan(part).any(), (key, "has NaN")
        assert (part == values[: part.shape[0], : part.shape[1]]).all(), (key, "changed", part.shape)
extents = {arrays["posterior", "weights"].shape[:2] for arrays in seen}
print(f"{len(seen)} reads saw {len(extents)} extents")
assert len(extents) >= 3, extents
