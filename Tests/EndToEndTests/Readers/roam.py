"""Opens all stores of a coordinator again and again while they grow: every look is whole, agrees with the one before, and
shows no fewer draws.

usage: roam.py JOBS END    (JOBS: the folder of jobs; END: a file that appears when all have ended)
"""
import os
import sys
import time
import warnings
import zlib

import numpy as np

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # ArviZ 0.23 announces ArviZ 1 when imported.
    import arviz
warnings.simplefilter("error")

jobs, end = sys.argv[1:]
GROUPS = ["posterior", "sample_stats", "warmup_sample_stats", "posterior_predictive", "log_likelihood", "predictions"]
seen = {}  # job: (state of its metadata, what was last read)
looks = 0


def fingerprints(key, values):
    """A checksum of each draw of each chain."""
    assert not np.isnan(values).any(), (key, "has NaN")
    sums = [[zlib.crc32(np.ascontiguousarray(draw)) for draw in chain] for chain in values]
    return np.array(sums, np.uint32).reshape(values.shape[:2])


def read(store):
    """Every array of draws, by group and name."""
    data = arviz.from_zarr(store)
    return {(group, name): fingerprints((store, group, name), data[group][name].values)
            for group in GROUPS if group in data for name in data[group].data_vars}


def look(job):
    """Reads a store that has changed, and compares it with what was seen of it before."""
    global looks
    store = os.path.join(jobs, job, "posterior.zarr")
    try:
        status = os.stat(os.path.join(store, ".zmetadata"))
    except FileNotFoundError:
        return
    state, before = seen.get(job, (None, {}))
    if state == (status.st_ino, status.st_mtime_ns):
        return
    now = read(store)
    for key, values in now.items():
        old = before.get(key, np.empty((0, 0)))
        # More chains may be shown with fewer draws of each: the largest rectangle without a gap.
        assert old.size <= values.size, (job, key, "shrank", old.shape, values.shape)
        chains, draws = np.minimum(old.shape, values.shape)
        assert (old[:chains, :draws] == values[:chains, :draws]).all(), (job, key, "changed")
    assert before.keys() <= now.keys(), (job, "lost", before.keys() - now.keys())
    seen[job] = ((status.st_ino, status.st_mtime_ns), now)
    looks += 1


while True:
    is_last = os.path.exists(end)
    for job in sorted(os.listdir(jobs)) if os.path.isdir(jobs) else []:
        look(job)
    if is_last:
        break
    time.sleep(0.5)
for job, (_, arrays) in seen.items():
    assert all(values.shape[1] > 0 for values in arrays.values()), (job, "has no draws")
print(f"{looks} looks at {len(seen)} growing stores, all whole, none with fewer draws than the one before")
assert seen
warnings.simplefilter("ignore")  # What libraries do while the process ends is their affair.
