"""A peer's training of LeNet-5 for the benchmark `lenet`, some steps for each line read, so that peers take turns.

usage: lenet_peer.py eager|eager-channels-last|compiled
"""
import torch

from lenet import batch_loss, network, serve

optimiser = torch.optim.SGD(network.parameters(), lr=0.05, momentum=0.9, weight_decay=5e-4, fused=True)


def train(steps):
    for _ in range(steps):
        loss = batch_loss()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        loss.item()


serve(train)
