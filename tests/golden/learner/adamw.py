"""Golden numbers of AdamW and of clipping by the global norm, from torch. Writes adamw.json beside this file.

    pip install torch==2.11.0
    python tests/golden/learner/adamw.py
"""

import json
import pathlib

import torch

torch.manual_seed(7)
NUM_STEPS = 6
LEARNING_RATES = [0.002, 0.01, 0.01, 0.008, 0.004, 0.001]
MAX_NORM = 1.0

matrix = torch.nn.Parameter(torch.randn(3, 4))
vector = torch.nn.Parameter(torch.randn(4))
initial = {"matrix": matrix.tolist(), "vector": vector.tolist()}
optimizer = torch.optim.AdamW(
    [{"params": [matrix], "weight_decay": 0.1}, {"params": [vector], "weight_decay": 0.0}],
    lr=1.0,
    betas=(0.9, 0.95),
    eps=1e-8,
)
steps = []
for step in range(NUM_STEPS):
    gradients = [torch.randn(3, 4), torch.randn(4)]
    if step == 3:  # Below the bound, so that clipping must leave it.
        gradients = [0.05 * gradient for gradient in gradients]
    matrix.grad, vector.grad = (gradient.clone() for gradient in gradients)
    norm = torch.nn.utils.clip_grad_norm_([matrix, vector], MAX_NORM)
    for group in optimizer.param_groups:
        group["lr"] = LEARNING_RATES[step]
    optimizer.step()
    steps.append(
        {
            "learning_rate": LEARNING_RATES[step],
            "gradients": {"matrix": gradients[0].tolist(), "vector": gradients[1].tolist()},
            "norm": norm.item(),
            "matrix": matrix.tolist(),
            "vector": vector.tolist(),
        }
    )

golden = {
    "torch": torch.__version__,
    "betas": [0.9, 0.95],
    "epsilon": 1e-8,
    "weight_decay": 0.1,
    "max_gradient_norm": MAX_NORM,
    "initial": initial,
    "steps": steps,
}
path = pathlib.Path(__file__).with_name("adamw.json")
path.write_text(json.dumps(golden, indent=1) + "\n")
