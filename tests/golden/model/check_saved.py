"""Compares two checkpoints in transformers: every tensor and the logits of a fixed input must be equal.

    cargo run -p gradus-model --example resave -- tests/golden/model/multimodal_gqa2 /tmp/saved
    python tests/golden/model/check_saved.py tests/golden/model/multimodal_gqa2 /tmp/saved
"""

import sys

import torch
from transformers import AutoConfig, AutoModelForCausalLM, Qwen2_5_VLForConditionalGeneration


def load(directory):
    is_multimodal = AutoConfig.from_pretrained(directory).model_type == "qwen2_5_vl"
    kind = Qwen2_5_VLForConditionalGeneration if is_multimodal else AutoModelForCausalLM
    return kind.from_pretrained(directory).eval()


def logits(model):
    generator = torch.Generator().manual_seed(0)
    inputs, image = {}, getattr(model.config, "image_token_id", None)
    ids = torch.randint(1, 64, (1, 8), generator=generator)
    if image is not None:
        vision = model.config.vision_config
        grid, start = (1, 6, 4), model.config.vision_start_token_id
        patch = vision.in_channels * vision.temporal_patch_size * vision.patch_size**2
        inputs["pixel_values"] = torch.randn(24, patch, generator=generator)
        inputs["image_grid_thw"] = torch.tensor([grid])
        ids = torch.cat([ids, torch.tensor([[start] + [image] * 6]), ids], dim=1)
    with torch.no_grad():
        return model(input_ids=ids, attention_mask=torch.ones_like(ids), **inputs).logits


def main():
    original, saved = load(sys.argv[1]), load(sys.argv[2])
    tensors, others = original.state_dict(), saved.state_dict()
    assert tensors.keys() == others.keys(), tensors.keys() ^ others.keys()
    for name, tensor in tensors.items():
        assert torch.equal(tensor, others[name]), name
    assert torch.equal(logits(original), logits(saved))
    print(f"{len(tensors)} tensors and the logits are equal")


main()
