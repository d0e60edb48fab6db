"""A peer's training of LeNet-5 for the benchmark `lenet`, some steps for each line read, so that peers take turns.

usage: lenet_peer.py eager|eager-channels-last|compiled

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
if sys.argv[1] == "eager-channels-last":
    network = network.to(memory_format=torch.channels_last)
images, labels = torch.randn(6400, 1, 28, 28), torch.randint(0, 10, (6400,))
optimiser = torch.optim.SGD(network.parameters(), lr=0.05, momentum=0.9, weight_decay=5e-4, fused=True)


def loss_of(x, y):
    return functional.cross_entropy(network(x), y)


call = torch.compile(loss_of) if sys.argv[1] == "compiled" else loss_of


def train(steps):
    for _ in range(steps):
        index = torch.randint(0, 6400, (128,))
        loss = call(images[index], labels[index])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        loss.item()


# What is compiled at first use, or once more after a change, is not in the figure.
train(20)
print(sum(p.numel() for p in network.parameters()), flush=True)
for line in sys.stdin:
    start = time.process_time()
    train(int(line))
    print(time.process_time() - start, flush=True)
