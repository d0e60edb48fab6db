"""Writes scores.json: predictions and what scikit-learn and SciPy say of them. Run with scikit-learn 1.9.1, scipy 1.17.1:
    python Tests/UncertaintyTests/Goldens/scores.py > Tests/UncertaintyTests/Goldens/scores.json
"""
import json

import numpy as np
from scipy import optimize, special, stats
from sklearn import metrics

rng = np.random.default_rng(1)


def detection(inside, outside):
    truth = np.r_[np.zeros(len(inside)), np.ones(len(outside))]
    scores = np.r_[inside, outside]
    false, true, _ = metrics.roc_curve(1 - truth, -scores, drop_intermediate=False)
    return {
        "inside": inside.tolist(), "outside": outside.tolist(),
        "areaUnderROC": metrics.roc_auc_score(truth, scores),
        "averagePrecisionOutside": metrics.average_precision_score(truth, scores),
        "averagePrecisionInside": metrics.average_precision_score(1 - truth, -scores),
        "falsePositiveRateAt95": float(false[np.argmax(true >= 0.95)]),
    }


def classification():
    p = np.round(0.01 + 0.97 * rng.dirichlet([0.5, 1, 2], size=40), 4)
    p[:, 2] = 1 - p[:, 0] - p[:, 1]
    labels = rng.integers(0, 3, size=40)
    return {
        "probabilities": p.ravel().tolist(), "labels": labels.tolist(),
        "accuracy": metrics.accuracy_score(labels, p.argmax(1)),
        "negativeLogLikelihood": metrics.log_loss(labels, p, labels=[0, 1, 2]),
        "brierScore": float(((p - np.eye(3)[labels]) ** 2).sum(1).mean()),
    }


def dirichlet():
    alpha = np.round(rng.gamma(1.5, 2, size=(5, 3)) + 0.05, 4)
    strength = alpha.sum(1, keepdims=True)
    p = alpha / strength
    expected = -(p * (special.digamma(alpha + 1) - special.digamma(strength + 1))).sum(1)
    return {
        "concentrations": alpha.ravel().tolist(),
        "epistemicVariance": np.concatenate([stats.dirichlet(a).var() for a in alpha]).tolist(),
        "aleatoricEntropy": expected.tolist(), "totalEntropy": special.entr(p).sum(1).tolist(),
    }


def student():
    evidence = [[0.3, 0.7, 1.4, 0.2], [-2.0, 40.0, 25.0, 3.0], [1.0, 0.01, 1.001, 50.0]]
    targets = [0.1, -5.0, 40.0]
    logs = [
        float(stats.t(2 * a, loc=g, scale=np.sqrt(b * (1 + v) / (v * a))).logpdf(y))
        for (g, v, a, b), y in zip(evidence, targets)
    ]
    return {"evidence": evidence, "targets": targets, "logDensities": logs}


def stacking():
    y = rng.standard_t(4, size=60)
    logs = np.array([stats.norm(m, s).logpdf(y) for m, s in [(0, 1), (0.5, 2), (-1, 0.7), (3, 1)]])

    def score(w):
        return float(special.logsumexp(logs + np.log(np.maximum(w, 1e-300))[:, None], axis=0).mean())

    best = max(
        (optimize.minimize(
            lambda v: -score(special.softmax(v)), rng.normal(size=4), method="BFGS", options={"gtol": 1e-10}
        ) for _ in range(5)), key=lambda r: -r.fun)
    return {"logDensities": logs.tolist(), "weights": special.softmax(best.x).tolist(), "score": -best.fun}


print(json.dumps({
    "detections": [
        detection(rng.normal(size=50), rng.normal(1, 1, size=30)),
        detection(rng.poisson(2, size=40).astype(float), rng.poisson(3, size=60).astype(float)),
        detection(np.zeros(5), np.zeros(7)),
    ],
    "classification": classification(), "dirichlet": dirichlet(), "student": student(), "stacking": stacking(),
}))
