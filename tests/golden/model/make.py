"""Writes the golden vectors of crates/model: tiny random checkpoints and what transformers computes with them.

    python make.py            with transformers 4.57: everything but the last checkpoint
    python make.py layout5    with transformers 5: the checkpoint in its config layout

Each directory holds a checkpoint and `cases.json`. Pixel values are a formula of integers (see `pixels`), so they are not stored.
"""

import json
import shutil
import sys
from pathlib import Path

import torch
import transformers
from safetensors.torch import load_file, save_file
from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration, Qwen2Config, Qwen2ForCausalLM

SEED = 20250117
HERE = Path(__file__).parent
IMAGE, VISION_START, VISION_END, VIDEO = 90, 91, 92, 93
VOCAB = 96
PATCH, MERGE = 4, 2

TEXT = dict(
    vocab_size=VOCAB, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
    max_position_embeddings=512, rms_norm_eps=1e-6, rope_theta=10000.0,
)
VISION = dict(
    depth=3, hidden_size=32, intermediate_size=40, num_heads=2, patch_size=PATCH, spatial_merge_size=MERGE,
    window_size=16, out_hidden_size=32, fullatt_block_indexes=[1],
)


def randomize(model, generator):
    """Gives every weight, biases and norms too, a value that matters."""
    with torch.no_grad():
        for name, parameter in sorted(model.named_parameters()):
            values = torch.randn(parameter.shape, generator=generator)
            if parameter.dim() == 1 and name.endswith("weight"):
                parameter.copy_(1 + 0.1 * values)
            elif parameter.dim() == 1:
                parameter.copy_(0.1 * values)
            else:
                parameter.copy_(values * 0.7 * parameter[0].numel() ** -0.5)


def multimodal(num_key_value_heads, tied, generator):
    config = Qwen2_5_VLConfig(
        vision_config=VISION, image_token_id=IMAGE, vision_start_token_id=VISION_START, vision_end_token_id=VISION_END,
        video_token_id=VIDEO, num_key_value_heads=num_key_value_heads, tie_word_embeddings=tied,
        rope_scaling={"type": "mrope", "mrope_section": [1, 1, 2]}, bos_token_id=0, eos_token_id=0, **TEXT,
    )
    model = Qwen2_5_VLForConditionalGeneration(config).eval()
    randomize(model, generator)
    return model


def text(num_key_value_heads, tied, generator):
    config = Qwen2Config(num_key_value_heads=num_key_value_heads, tie_word_embeddings=tied, **TEXT)
    model = Qwen2ForCausalLM(config).eval()
    randomize(model, generator)
    return model


def pixels(seed, grid):
    """[t·h·w, 3·2·PATCH²] f32: ((7919 i + 104729 seed) mod 1009) / 504.5 - 1 for element i."""
    count = grid[0] * grid[1] * grid[2]
    index = torch.arange(count * 3 * 2 * PATCH * PATCH, dtype=torch.int64)
    return (((7919 * index + 104729 * seed) % 1009).double() / 504.5 - 1).float().view(count, -1)


def tokens(count, generator):
    return torch.randint(1, 90, (count,), generator=generator).tolist()


def image_run(grid):
    return [VISION_START] + [IMAGE] * (grid[0] * grid[1] * grid[2] // MERGE**2) + [VISION_END]


# name, grids in patches, temperature. Windows are 4 x 4 patches.
MULTIMODAL = [
    ("text only", [], 1.0),
    ("one image of whole windows", [[1, 4, 8]], 1.0),
    ("one image of odd size", [[1, 6, 10]], 1.0),
    ("an image smaller than a window", [[1, 2, 2]], 0.7),
    ("two images of one size", [[1, 6, 6], [1, 6, 6]], 1.0),
    ("three images of different sizes", [[1, 4, 4], [1, 2, 14], [1, 10, 6]], 1.3),
    ("an image of two frames", [[2, 6, 4]], 1.0),
]


def case(model, name, grids, temperature, generator):
    prompt = tokens(3, generator)
    for grid in grids:
        prompt += image_run(grid) + tokens(2, generator)
    suffixes = [tokens(count, generator) for count in (7, 1, 4, 7)]
    seed = int(torch.randint(0, 1000, (1,), generator=generator))
    inputs = {}
    if grids:
        inputs["pixel_values"] = torch.cat([pixels(seed + index, grid) for index, grid in enumerate(grids)])
        inputs["image_grid_thw"] = torch.tensor(grids)
    is_version_5 = int(transformers.__version__.split(".")[0]) >= 5
    logprobs, entropies = [], []
    for suffix in suffixes:
        ids = torch.tensor([prompt + suffix])
        if grids and is_version_5:  # without it, version 5 gives images the positions of text
            inputs["mm_token_type_ids"] = (ids == IMAGE).int()
        with torch.no_grad():
            logits = model(input_ids=ids, attention_mask=torch.ones_like(ids), **inputs).logits[0]
        distribution = (logits[len(prompt) - 1 : -1].float() / temperature).log_softmax(-1)
        logprobs.append(distribution.gather(1, torch.tensor(suffix)[:, None])[:, 0].tolist())
        entropies.append((-(distribution.exp() * distribution).sum(-1)).tolist())
    return {
        "name": name, "prompt": prompt, "grids": grids, "pixel_seed": seed, "temperature": temperature,
        "suffixes": suffixes, "logprobs": logprobs, "entropies": entropies,
    }


def write(directory, model, cases, generator):
    path = HERE / directory
    shutil.rmtree(path, ignore_errors=True)
    model.save_pretrained(path)
    (path / "generation_config.json").unlink(missing_ok=True)
    rows = [case(model, *row, generator) for row in cases]
    (path / "cases.json").write_text(json.dumps(rows, separators=(",", ":")) + "\n")
    return path


def nest_and_shard(path):
    """Rewrites a checkpoint in the naming of transformers' modules, in two shards with an index."""
    weights = load_file(path / "model.safetensors")
    (path / "model.safetensors").unlink()
    weight_map, shards = {}, ({}, {})
    for index, (name, tensor) in enumerate(sorted(weights.items())):
        if name.startswith("visual."):
            name = "model." + name
        elif name.startswith("model."):
            name = "model.language_model." + name.removeprefix("model.")
        shard = 0 if index < len(weights) // 2 else 1
        shards[shard][name] = tensor
        weight_map[name] = f"model-{shard + 1:05}-of-00002.safetensors"
    for shard, contents in enumerate(shards):
        save_file(contents, path / f"model-{shard + 1:05}-of-00002.safetensors", metadata={"format": "pt"})
    size = sum(tensor.numel() * 4 for tensor in weights.values())
    index = {"metadata": {"total_size": size}, "weight_map": weight_map}
    (path / "model.safetensors.index.json").write_text(json.dumps(index, indent=1) + "\n")


def main():
    generator = torch.Generator().manual_seed(SEED)
    torch.manual_seed(SEED)
    text_only = [("text only", [], 1.0), ("text only at another temperature", [], 0.6)]
    if sys.argv[1:] == ["layout5"]:
        write("multimodal_layout5", multimodal(2, True, generator), MULTIMODAL[:4], generator)
    else:
        write("multimodal_gqa2", multimodal(2, False, generator), MULTIMODAL, generator)
        write("multimodal_mha_tied", multimodal(4, True, generator), MULTIMODAL, generator)
        nest_and_shard(write("multimodal_gqa4_nested", multimodal(1, False, generator), MULTIMODAL, generator))
        write("text_gqa2_tied", text(2, True, generator), text_only, generator)
        # The weights are rounded first, so that f32 arithmetic on them is the reference.
        rounded = text(4, False, generator)
        for parameter in rounded.parameters():
            parameter.data = parameter.data.to(torch.bfloat16).float()
        path = write("text_mha_bfloat16", rounded, text_only, generator)
        rounded.to(torch.bfloat16).save_pretrained(path)
        (path / "generation_config.json").unlink(missing_ok=True)
    provenance = HERE / "provenance.json"
    record = json.loads(provenance.read_text()) if provenance.exists() else {}
    record["layout5" if sys.argv[1:] else "default"] = {
        "seed": SEED, "torch": torch.__version__, "transformers": transformers.__version__, "device": "cpu",
        "number_type": "float32",
    }
    provenance.write_text(json.dumps(record, indent=1, sort_keys=True) + "\n")


main()
