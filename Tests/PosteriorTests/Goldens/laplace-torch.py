"""Writes laplace-torch.json: small networks, data, and what laplace-torch finds. Run with laplace-torch 0.3, torch 2.13.0:
    python Tests/PosteriorTests/Goldens/laplace-torch.py > Tests/PosteriorTests/Goldens/laplace-torch.json
"""
import json

import torch
from laplace import Laplace
from laplace.curvature import CurvlinopsGGN
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.set_default_dtype(torch.float64)
torch.manual_seed(1)


def train(model, x, y, loss):
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02, weight_decay=1e-2)
    for _ in range(150):
        optimizer.zero_grad()
        loss(model(x), y).backward()
        optimizer.step()
    # Few digits, so that the file is small and its reader has the same numbers.
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_((parameter * 1e6).round() / 1e6)


def numbers(tensor):
    return tensor.detach().flatten().tolist()


def case(model, x, y, tests, likelihood, subset, structure, names, prior, noise):
    la = Laplace(
        model, likelihood, subset_of_weights=subset, hessian_structure=structure, backend=CurvlinopsGGN,
        prior_precision=1.0, sigma_noise=noise)
    la.fit(DataLoader(TensorDataset(x, y), batch_size=7))
    # One precision a layer; theirs is one a parameter, or one a weight where the structure has no blocks, or just one.
    layers = prior if subset == "all" else prior[-1:]
    counts = [p.numel() for p in model.parameters()]
    per_parameter = [d for d in prior for _ in range(2)]
    per_weight = [d for d, n in zip(per_parameter, counts) for _ in range(n)]
    if subset == "last_layer":
        la.prior_precision = torch.tensor(layers)
    else:
        la.prior_precision = torch.tensor(per_parameter if structure == "kron" else per_weight)
    mean, covariance = la._glm_predictive_distribution(tests)
    result = {
        "subset": subset, "structure": structure, "likelihood": likelihood, "priorPrecisions": layers, "noise": noise,
        "logDeterminant": float(la.log_det_posterior_precision),
        "logMarginalLikelihood": float(la.log_marginal_likelihood()),
        "means": numbers(mean), "covariances": numbers(covariance),
    }
    if likelihood == "classification":
        result["probabilities"] = numbers(la(tests, link_approx="probit"))
    return result


def network(model, x, y, tests, likelihood, names, prior, noise=1.0):
    loss = nn.CrossEntropyLoss() if likelihood == "classification" else nn.MSELoss()
    train(model, x, y, loss)
    return {
        "inputs": numbers(x), "inputShape": list(x.shape), "targets": numbers(y.to(torch.float64)),
        "tests": numbers(tests), "testShape": list(tests.shape),
        "parameters": [
            {"name": names[i // 2] + (".weight", ".bias")[i % 2], "shape": list(p.shape), "values": numbers(p)}
            for i, p in enumerate(model.parameters())
        ],
        "cases": [
            case(model, x, y, tests, likelihood, subset, structure, names, prior, noise)
            for subset in ("all", "last_layer") for structure in ("diag", "full", "kron")
        ],
    }


def rounded(*shape):
    return (torch.randn(*shape) * 1e3).round() / 1e3


x = rounded(20, 2)
classes = (x[:, 0] * x[:, 1] > 0).long() + (x.norm(dim=1) > 1.5).long()
mlp = nn.Sequential(nn.Linear(2, 5), nn.Tanh(), nn.Linear(5, 3))
y = ((x[:, :1].sin() + 0.1 * torch.randn(20, 1)) * 1e3).round() / 1e3
regression = nn.Sequential(nn.Linear(2, 5), nn.Tanh(), nn.Linear(5, 1))
pictures = rounded(15, 1, 6, 6)
convolutional = nn.Sequential(
    nn.Conv2d(1, 2, 3, padding=1), nn.Tanh(), nn.Conv2d(2, 3, 3, stride=2), nn.Tanh(), nn.Flatten(), nn.Linear(12, 3))
print(json.dumps({
    "classifier": network(mlp, x, classes, rounded(4, 2), "classification", ["1", "2"], [0.5, 2.0]),
    "regression": network(regression, x, y, rounded(4, 2), "regression", ["1", "2"], [0.5, 2.0], 0.3),
    "convolutional": network(
        convolutional, pictures, torch.arange(15) % 3, rounded(3, 1, 6, 6), "classification", ["1", "2", "3"],
        [0.5, 2.0, 1.0]),
}))
