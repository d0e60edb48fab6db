"""A peer's SGHMC on LeNet-5 for the benchmark `sghmc-lenet`, some steps for each line read, so that peers take turns.

usage: sghmc_peer.py eager|compiled
"""
import torch

from lenet import batch_loss, count, network, serve

rate, friction, precision = 0.01, 0.1, 1.0
deviation = (2 * friction / (count * rate)) ** 0.5
parameters = list(network.parameters())
momenta = [torch.zeros_like(p) for p in parameters]


def sample(steps):
    for _ in range(steps):
        loss = batch_loss()
        network.zero_grad()
        loss.backward()
        with torch.no_grad():
            for p, v in zip(parameters, momenta):
                gradient = p.grad + precision / count * p
                v.mul_(1 - friction).add_(gradient).add_(torch.randn_like(p), alpha=deviation)
                p.add_(v, alpha=-rate)
        loss.item()


serve(sample)
