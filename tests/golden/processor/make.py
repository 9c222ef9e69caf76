"""Makes the processor's golden vectors: `python make.py` in this directory, with torch, transformers, pillow, safetensors.

The versions and the seed of the last run are in versions.json.
"""

import json
import platform
from pathlib import Path

import numpy as np
import PIL
import tokenizers
import transformers

import make_chat
import make_images

SEED = 20261121


def main():
    directory = Path(__file__).parent
    make_images.write(directory, np.random.default_rng(SEED))
    make_chat.write(directory, np.random.default_rng(SEED + 1))
    versions = {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "pillow": PIL.__version__,
        "tokenizers": tokenizers.__version__,
        "transformers": transformers.__version__,
        "seed": SEED,
    }
    (directory / "versions.json").write_text(json.dumps(versions, indent=1) + "\n")


if __name__ == "__main__":
    main()
