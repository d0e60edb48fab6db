"""Exchanges networks with the test that runs it, in both directions.

usage: diffusers_folders.py read FOLDER     loads the network of FOLDER and compares its output with io.safetensors
       diffusers_folders.py write FOLDER    draws networks, saves each with io.safetensors into a folder of its own
"""
import sys
from pathlib import Path

import diffusers
import torch
from diffusers import UNet2DConditionModel, UNet2DModel
from safetensors.torch import load_file, save_file

CONFIGURATIONS = {
    "attention": (UNet2DModel, dict(
        sample_size=16, block_out_channels=(16, 32), down_block_types=("DownBlock2D", "AttnDownBlock2D"),
        up_block_types=("AttnUpBlock2D", "UpBlock2D"), norm_num_groups=8, num_class_embeds=5,
        resnet_time_scale_shift="scale_shift")),
    "text": (UNet2DConditionModel, dict(
        sample_size=8, in_channels=6, out_channels=3, block_out_channels=(16, 32), cross_attention_dim=32,
        encoder_hid_dim=12, down_block_types=("ResnetDownsampleBlock2D", "SimpleCrossAttnDownBlock2D"),
        up_block_types=("SimpleCrossAttnUpBlock2D", "ResnetUpsampleBlock2D"), norm_num_groups=8, layers_per_block=1,
        mid_block_type="UNetMidBlock2DSimpleCrossAttn", cross_attention_norm="group_norm", addition_embed_type="text",
        addition_embed_type_num_heads=4, class_embed_type="timestep")),
}


def run(model, tensors):
    arguments = {name[3:]: value for name, value in tensors.items() if name.startswith("in.")}
    with torch.no_grad():
        return model(**arguments).sample


def read(folder):
    name = UNet2DModel.load_config(folder)["_class_name"]
    model, info = getattr(diffusers, name).from_pretrained(folder, output_loading_info=True)
    assert not any(info[key] for key in ("missing_keys", "unexpected_keys", "mismatched_keys")), info
    tensors = load_file(folder / "io.safetensors")
    expected = tensors["out.sample"]
    error = ((run(model, tensors) - expected).abs() / (1 + expected.abs())).max().item()
    assert error < 1e-4, f"the output differs by {error}"
    print(f"read {name}, error {error:.1e}, spread {expected.std().item():.3f}")


def write(root):
    for name, (kind, configuration) in CONFIGURATIONS.items():
        torch.manual_seed(1)
        model = kind(**configuration)
        size = configuration["sample_size"]
        tensors = {"in.sample": torch.randn(2, model.config.in_channels, size, size),
                   "in.timestep": torch.tensor([0, 700]), "in.class_labels": torch.tensor([3, 4])}
        if kind is UNet2DConditionModel:
            tensors["in.encoder_hidden_states"] = torch.randn(2, 4, 12)
        tensors["out.sample"] = run(model, tensors)
        model.save_pretrained(root / name)
        save_file(tensors, root / name / "io.safetensors")
        print(name)


{"read": read, "write": write}[sys.argv[1]](Path(sys.argv[2]))
