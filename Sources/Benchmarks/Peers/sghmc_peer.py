"""A peer's SGHMC on LeNet-5 for the benchmark `sghmc-lenet`, some steps for each line read, so that peers take turns.

usage: sghmc_peer.py eager|compiled

Reads a number of steps, answers with seconds of processor time. The first answer is the number of parameters.
"""
import sys
import time

import torch
from torch import nn
from torch.nn import functional

torch.set_num_threads(1)
torch.manual_seed(0)
network = nn.Sequential(
    nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
    nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))
count, rate, friction, precision = 6400, 0.01, 0.1, 1.0
deviation = (2 * friction / (count * rate)) ** 0.5
images, labels = torch.randn(count, 1, 28, 28), torch.randint(0, 10, (count,))
parameters = list(network.parameters())
momenta = [torch.zeros_like(p) for p in parameters]


def loss_of(x, y):
    return functional.cross_entropy(network(x), y)


call = torch.compile(loss_of) if sys.argv[1] == "compiled" else loss_of


def sample(steps):
    for _ in range(steps):
        index = torch.randint(0, count, (128,))
        loss = call(images[index], labels[index])
        network.zero_grad()
        loss.backward()
        with torch.no_grad():
            for p, v in zip(parameters, momenta):
                gradient = p.grad + precision / count * p
                v.mul_(1 - friction).add_(gradient).add_(torch.randn_like(p), alpha=deviation)
                p.add_(v, alpha=-rate)
        loss.item()


# What is compiled at first use, or once more after a change, is not in the figure.
sample(20)
print(sum(p.numel() for p in parameters), flush=True)
for line in sys.stdin:
    start = time.process_time()
    sample(int(line))
    print(time.process_time() - start, flush=True)
