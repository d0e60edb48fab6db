"""What peers take steps on: LeNet-5 for pictures of 28 x 28, which are noise, in batches of 128, on one thread."""
import sys
import time

import torch
from torch import nn
from torch.nn import functional

torch.set_num_threads(1)
torch.manual_seed(0)
count = 6400
network = nn.Sequential(
    nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
    nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))
if sys.argv[1] == "eager-channels-last":
    network = network.to(memory_format=torch.channels_last)
images, labels = torch.randn(count, 1, 28, 28), torch.randint(0, 10, (count,))


def loss_of(x, y):
    return functional.cross_entropy(network(x), y)


call = torch.compile(loss_of) if sys.argv[1] == "compiled" else loss_of


def batch_loss():
    index = torch.randint(0, count, (128,))
    return call(images[index], labels[index])


def serve(work):
    """Answers each number of steps read with the seconds of processor time that they took; first, the number of parameters."""
    # What is compiled at first use, or once more after a change, is not in the figure.
    work(20)
    print(sum(p.numel() for p in network.parameters()), flush=True)
    for line in sys.stdin:
        start = time.process_time()
        work(int(line))
        print(time.process_time() - start, flush=True)
