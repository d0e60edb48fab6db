"""Writes diagnostics.json: draws and what ArviZ says of them. Run with arviz==0.23.4, numpy 2.4.6:
    python Tests/PosteriorTests/Goldens/diagnostics.py > Tests/PosteriorTests/Goldens/diagnostics.json
"""
import json

import arviz
import numpy as np


def autoregressive(rng, chains, draws, phi):
    x = np.zeros((chains, draws))
    x[:, 0] = rng.normal(size=chains)
    for t in range(1, draws):
        x[:, t] = phi * x[:, t - 1] + np.sqrt(1 - phi**2) * rng.normal(size=chains)
    return x


rng = np.random.default_rng(1)
shifted = autoregressive(rng, 4, 60, 0.5)
shifted[3] += 3
cases = {
    "independent": rng.normal(size=(4, 60)),
    "autoregressive": autoregressive(rng, 4, 101, 0.9),
    "antithetic": autoregressive(rng, 2, 80, -0.7),
    "one chain shifted": shifted,
    "heavy tails": rng.standard_cauchy(size=(4, 60)),
    "ties": rng.poisson(2, size=(4, 60)).astype(float),
    "single chain": autoregressive(rng, 1, 90, 0.6),
    "constant": np.full((2, 8), 3.5),
    "short": rng.normal(size=(2, 4)),
}
goldens = []
for name, draws in cases.items():
    draws = np.round(draws, 6)
    rank = float(arviz.rhat(draws)) if len(draws) > 1 else None
    goldens.append({
        "name": name,
        "chains": draws.tolist(),
        "rHat": None if rank is None or np.isnan(rank) else rank,
        "bulkESS": float(arviz.ess(draws, method="bulk")),
        "tailESS": float(arviz.ess(draws, method="tail")),
        "meanError": float(arviz.mcse(draws, method="mean")),
        "energyFraction": [None if np.isnan(v) else float(v) for v in arviz.bfmi(draws)],
    })
print(json.dumps(goldens))
