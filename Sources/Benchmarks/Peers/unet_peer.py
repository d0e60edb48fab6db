"""A peer's U-Net of the benchmark `unet`, one step of work for each line read, so that peers take turns.

usage: unet_peer.py diffusers|diffusers-channels-last|ddp|ddp-channels-last

Reads `train` or `sample`, answers with seconds of processor time. The first answer is the number of parameters.
"""
import sys
import time

import torch

torch.set_num_threads(1)
torch.manual_seed(0)


def diffusers_network():
    from diffusers import UNet2DModel
    network = UNet2DModel(
        sample_size=32, block_out_channels=(64, 128, 256), layers_per_block=2, attention_head_dim=64,
        down_block_types=("DownBlock2D", "AttnDownBlock2D", "AttnDownBlock2D"),
        up_block_types=("AttnUpBlock2D", "AttnUpBlock2D", "UpBlock2D"))
    return network, lambda x, t: network(x, t).sample


def ddp_network():
    # The package asks for torchvision to load images and to compute FID, which nothing here does; a build of torchvision
    # for another build of torch cannot be imported.
    from unittest.mock import MagicMock
    for name in ("", ".transforms", ".utils", ".models", ".models.inception"):
        sys.modules["torchvision" + name] = MagicMock()
    from denoising_diffusion_pytorch import Unet
    network = Unet(dim=64, dim_mults=(1, 2, 4), flash_attn=True)
    return network, network


name, _, layout = sys.argv[1].partition("-")
network, call = {"diffusers": diffusers_network, "ddp": ddp_network}[name]()
shape = torch.channels_last if layout else torch.contiguous_format
network = network.to(memory_format=shape)
optimiser = torch.optim.Adam(network.parameters(), lr=1e-4, fused=True)


def train():
    network.train()
    noise = torch.randn(32, 3, 32, 32).to(memory_format=shape)
    x = (torch.randn(32, 3, 32, 32).to(memory_format=shape) + noise) * 0.5 ** 0.5
    loss = (call(x, torch.randint(0, 1000, (32,))) - noise).square().mean()
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    return loss.item()


def sample():
    network.eval()
    with torch.no_grad():
        call(torch.randn(8, 3, 32, 32).to(memory_format=shape), torch.full((8,), 500))


print(sum(p.numel() for p in network.parameters()), flush=True)
for line in sys.stdin:
    start = time.process_time()
    {"train": train, "sample": sample}[line.strip()]()
    print(time.process_time() - start, flush=True)
