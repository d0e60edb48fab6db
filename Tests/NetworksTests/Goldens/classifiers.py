"""Makes classifiers.json: what PyTorch's modules say of each preset of a classifier, in double precision.

Parameters and inputs are numbers that both sides compute from their places. For every network: the sizes, the logits in
training and afterwards in evaluation, the loss, and of each gradient and running statistic its norm and a projection.

Needs torch and numpy. Usage: classifiers.py FOLDER
"""
import json
import sys

import numpy
import torch
from torch import nn
from torch.nn import functional

torch.set_default_dtype(torch.float64)


def numbers(name, count):
    """Numbers in [-1, 1), from a name and their places."""
    with numpy.errstate(over="ignore"):
        x = numpy.arange(count, dtype=numpy.uint32) + numpy.uint32(sum(name.encode()) * 1000003 % 2**32)
        for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
            x = (x ^ (x >> numpy.uint32(shift))) * numpy.uint32(factor)
        x ^= x >> numpy.uint32(16)
    return torch.tensor(x.astype(numpy.float64) / 2**31 - 1)


class FilterResponse(nn.Module):
    """Singh & Krishnan 2020, figure 2, and its threshold where an activation follows."""

    def __init__(self, channels, has_threshold):
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.ones(channels)), nn.Parameter(torch.zeros(channels))
        if has_threshold:
            self.tau = nn.Parameter(torch.zeros(channels))

    def forward(self, x):
        shape = (1, -1, 1, 1)
        x = x / torch.sqrt(x.square().mean((2, 3), keepdim=True) + 1e-6)
        x = self.weight.view(shape) * x + self.bias.view(shape)
        return torch.maximum(x, self.tau.view(shape)) if hasattr(self, "tau") else x


def norm(kind, channels, activates=True):
    return FilterResponse(channels, activates) if kind == "filterResponse" else nn.BatchNorm2d(channels)


def activate(kind, x):
    return x if kind == "filterResponse" else torch.relu(x)


class LeNet(nn.Module):
    def __init__(self, channels, padding, kind):
        super().__init__()
        self.kind = kind
        self.conv1, self.conv2 = nn.Conv2d(channels, 6, 5, padding=padding), nn.Conv2d(6, 16, 5)
        if kind != "none":
            self.bn1, self.bn2 = norm(kind, 6), norm(kind, 16)
        self.fc1, self.fc2, self.fc3 = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 10)

    def forward(self, x):
        for conv, name in ((self.conv1, "bn1"), (self.conv2, "bn2")):
            x = conv(x)
            x = activate(self.kind, getattr(self, name)(x) if hasattr(self, name) else x)
            x = functional.max_pool2d(x, 2)
        return self.fc3(torch.relu(self.fc2(torch.relu(self.fc1(x.flatten(1))))))


class VGG(nn.Module):
    def __init__(self, width):
        super().__init__()
        layers, inputs = [], 3
        for group, count in zip((64, 128, 256, 512, 512), (2, 2, 3, 3, 3)):
            for _ in range(count):
                outputs = round(group * width)
                layers += [nn.Conv2d(inputs, outputs, 3, padding=1), nn.BatchNorm2d(outputs), nn.ReLU()]
                inputs = outputs
            layers.append(nn.MaxPool2d(2))
        self.features, self.classifier = nn.Sequential(*layers), nn.Linear(inputs, 10)

    def forward(self, x):
        return self.classifier(self.features(x).flatten(1))


class Pair(nn.Module):
    def __init__(self, inputs, outputs, stride, kind):
        super().__init__()
        self.kind = kind
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn1, self.bn2 = norm(kind, outputs), norm(kind, outputs, False)
        self.downsample = nn.Identity()
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), norm(kind, outputs, False))

    def forward(self, x):
        y = self.bn2(self.conv2(activate(self.kind, self.bn1(self.conv1(x)))))
        return torch.relu(y + self.downsample(x))


class ResNet(nn.Module):
    def __init__(self, widths, count, kind="batch"):
        super().__init__()
        self.kind = kind
        self.conv1, self.bn1 = nn.Conv2d(3, widths[0], 3, 1, 1, bias=False), norm(kind, widths[0])
        inputs, self.stages = widths[0], len(widths)
        for stage, width in enumerate(widths):
            pairs = []
            for index in range(count):
                pairs.append(Pair(inputs, width, 2 if stage and not index else 1, kind))
                inputs = width
            setattr(self, f"layer{stage + 1}", nn.Sequential(*pairs))
        self.fc = nn.Linear(inputs, 10)

    def forward(self, x):
        x = activate(self.kind, self.bn1(self.conv1(x)))
        for stage in range(self.stages):
            x = getattr(self, f"layer{stage + 1}")(x)
        return self.fc(x.mean((2, 3)))


class Perceptron(nn.Module):
    def __init__(self, widths, activation, batch):
        super().__init__()
        self.activation, self.count = activation, len(widths) - 1
        for number, (inputs, outputs) in enumerate(zip(widths, widths[1:]), 1):
            setattr(self, f"fc{number}", nn.Linear(inputs, outputs))
            if batch and number < self.count:
                setattr(self, f"bn{number}", nn.BatchNorm1d(outputs))

    def forward(self, x):
        x = x.flatten(1)
        for number in range(1, self.count + 1):
            x = getattr(self, f"fc{number}")(x)
            if hasattr(self, f"bn{number}"):
                x = getattr(self, f"bn{number}")(x)
            if number < self.count:
                x = self.activation(x)
        return x


def begin(network):
    with torch.no_grad():
        for name, p in network.named_parameters():
            values = numbers(name, p.numel()).reshape(p.shape)
            if p.dim() > 1:
                values *= (6 / p[0].numel()) ** 0.5
            elif name.endswith("weight"):
                values = 1 + 0.2 * values
            else:
                values *= 0.2
            p.copy_(values)
        for name, b in network.named_buffers():
            if b.dim():
                values = numbers(name, b.numel())
                b.copy_(0.1 * values if name.endswith("mean") else 1 + 0.4 * values)


def traces(named):
    return {name: [t.norm().item(), (t.flatten() * numbers(name + "*", t.numel())).sum().item()] for name, t in named}


def golden(name, network, shape, outputs=10):
    begin(network)
    x = numbers("inputs", 4 * numpy.prod(shape)).reshape(4, *shape)
    labels = (torch.arange(4) * 7 + 3) % outputs
    network.train()
    logits = network(x)
    loss = functional.cross_entropy(logits, labels, label_smoothing=0.1)
    loss.backward()
    network.eval()
    running = [(n, b) for n, b in network.named_buffers() if b.dim()]
    return {
        "name": name, "shape": list(shape), "outputs": outputs, "loss": loss.item(),
        "sizes": {n: list(p.shape) for n, p in network.named_parameters()},
        "training": logits.flatten().tolist(), "evaluation": network(x).flatten().tolist(),
        "gradients": traces((n, p.grad) for n, p in network.named_parameters()), "statistics": traces(running),
    }


MNIST, CIFAR, SMALL = (1, 28, 28), (3, 32, 32), (3, 16, 16)
cases = [
    golden("lenet5", LeNet(1, 2, "none"), MNIST),
    golden("lenet5-batch", LeNet(3, 0, "batch"), CIFAR),
    golden("lenet5-filterResponse", LeNet(3, 0, "filterResponse"), CIFAR),
    golden("vgg16", VGG(0.125), CIFAR),
    golden("resnet18", ResNet([8, 16, 32, 64], 2), SMALL),
    golden("resnet20", ResNet([8, 16, 32], 3), SMALL),
    golden("resnet20-filterResponse", ResNet([8, 16, 32], 3, "filterResponse"), SMALL),
    golden("resnet32", ResNet([4, 8, 16], 5), SMALL),
    golden("resnet56", ResNet([4, 8, 16], 9), SMALL),
    golden("mlp", Perceptron([784, 20, 10, 10], torch.tanh, False), MNIST),
    golden("mlp-batch", Perceptron([8, 20, 10, 2], torch.relu, True), (8,), 2),
]


def rounded(value):
    if isinstance(value, float):
        return float(f"{value:.12g}")
    if isinstance(value, dict):
        return {key: rounded(v) for key, v in value.items()}
    return [rounded(v) for v in value] if isinstance(value, list) else value


with open(f"{sys.argv[1]}/classifiers.json", "w") as file:
    json.dump(rounded(cases), file, separators=(",", ":"))
