"""Makes script.pt and script.json: a TorchScript file of a small feature network, and what PyTorch says of it.

Needs torch. Usage: script.py FOLDER
"""
import json
import sys

import torch


class Small(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv2d(3, 4, 3, padding=1)
        self.head = torch.nn.Linear(4, 5)

    def forward(self, x):
        features = torch.relu(self.conv(x.float() / 255)).mean((2, 3))
        return features, self.head(features)


torch.manual_seed(7)
network = torch.jit.script(Small().eval())
torch.jit.save(network, f"{sys.argv[1]}/script.pt")
samples = torch.arange(2 * 6 * 6 * 3).mul(37).remainder(256).to(torch.uint8).reshape(2, 6, 6, 3)
features, scores = network(samples.permute(0, 3, 1, 2))
values = {"features": features.flatten().tolist(), "probabilities": scores.softmax(1).flatten().tolist()}
json.dump(values, open(f"{sys.argv[1]}/script.json", "w"))
