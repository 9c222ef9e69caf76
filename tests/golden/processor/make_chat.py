"""A small Qwen tokenizer, chat templates, and what transformers makes of conversations, texts and continuations.

Called by make.py. Writes model/* and chat.json. The templates in templates/ are written by hand after those that public
models ship.
"""

import json
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import (
    GenerationConfig,
    Qwen2_5_VLConfig,
    Qwen2_5_VLProcessor,
    Qwen2TokenizerFast,
    Qwen2VLImageProcessor,
    Qwen2VLVideoProcessor,
)

PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
SPECIAL = [
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|vision_pad|>",
    "<|image_pad|>",
    "<|video_pad|>",
]
PLAIN = ["<think>", "</think>", "<tool_call>", "</tool_call>"]
TEXT = """The picture shows a red circle to the left of a blue square. How many circles are there? There are three circles.
You are a helpful assistant. Think step by step, then give the answer between <answer> and </answer>. It's what we'd do.
I've added 12 and 30, which is 42; she'll multiply 7 by 6, they're equal. What is the value of x if 2x + 3 = 11? x = 4.
Der Käfer läuft über die Straße. El niño pequeño corrió. Le garçon a mangé une pêche. Привет, как дела? 你好，世界。これはテストです。
def area(width, height):
    return width * height  # in pixels

    if a > b:
\t\treturn "a"
"""
TEXTS = [
    "",
    " ",
    "a",
    "Hello, world!  How's   it going?\n\n\nI'LL we'D SHE'S they'Re I'M don'T",
    "tabs\tand\r\nnew lines \r\n  \n trailing   ",
    "   leading and \u00a0 no-break \u2003 em \u3000 wide spaces",
    "12345 6.78e9 1,000 ½ ² ٣٤ Ⅷ 一二",
    "don't 'sound' 'ſ 'T",
    "Käfer Ka\u0308fer ﬁ \u212b e\u0301\u0323 한국어 한국어",
    "你好，世界。これはテスト🙂👩‍👩‍👧 🇫🇷 a\u200bb \ufeff",
    "<|im_start|>user\n<think>x</think><|image_pad|> <|not_special|> <|im_end|>",
    "<think> </think>\n<answer>42</answer>",
    "x = 2; if (a<=b) { return a[0]->b; } // ok!!\n\n\t}",
    "\u0000\u0001\u007f\u0085\u2028\u2029 control",
    "a" * 300 + " " * 40 + "b" + "\n" * 9 + "!" * 30,
]


def tokenizer():
    tok = Tokenizer(models.BPE())
    tok.normalizer = normalizers.NFC()
    tok.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(PATTERN), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tok.decoder = decoders.ByteLevel()
    tok.post_processor = processors.ByteLevel(trim_offsets=False)
    trainer = trainers.BpeTrainer(
        vocab_size=900, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    tok.train_from_iterator([TEXT], trainer)
    tok.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in SPECIAL])
    tok.add_tokens([AddedToken(token, special=False, normalized=False) for token in PLAIN])
    return Qwen2TokenizerFast(
        tokenizer_object=tok, eos_token="<|im_end|>", pad_token="<|endoftext|>", bos_token="<|endoftext|>", unk_token=None
    )


def save_model(directory: Path, tok, image_processor):
    tok.save_pretrained(directory)
    for name in ("vocab.json", "merges.txt", "added_tokens.json", "chat_template.jinja"):
        (directory / name).unlink(missing_ok=True)
    image_processor.save_pretrained(directory)
    ids = {name: tok.convert_tokens_to_ids(f"<|{name}|>") for name in ("image_pad", "vision_start", "vision_end")}
    config = {
        "model_type": Qwen2_5_VLConfig.model_type,
        "image_token_id": ids["image_pad"],
        "vision_start_token_id": ids["vision_start"],
        "vision_end_token_id": ids["vision_end"],
        "vision_config": {"patch_size": 14, "spatial_merge_size": 2, "temporal_patch_size": 2},
    }
    (directory / "config.json").write_text(json.dumps(config, indent=1) + "\n")
    eos = [tok.convert_tokens_to_ids(token) for token in ("<|im_end|>", "<|endoftext|>")]
    GenerationConfig(eos_token_id=eos, pad_token_id=eos[1]).save_pretrained(directory)


def text(value):
    return {"type": "text", "text": value}


def image(name):
    return {"type": "image", "image": name}


def turn(role, *content):
    return {"role": role, "content": list(content)}


SYSTEM = turn("system", text("You are terse.\n"))
QUESTION = turn("user", text("How many circles are there?"))
ANSWER = turn("assistant", text("<think>\nThree.\n</think>\n\nThe answer is <answer>3</answer>"))
FOLLOW_UP = turn("user", text("  And squares?  "))
CONVERSATIONS = {
    "user": [QUESTION],
    "system and user": [SYSTEM, QUESTION],
    "several turns": [SYSTEM, QUESTION, ANSWER, FOLLOW_UP],
    "answered": [QUESTION, ANSWER],
    "answered twice": [QUESTION, ANSWER, FOLLOW_UP, turn("assistant", text("None, it's all circles.\n"))],
    "not alternating": [QUESTION, FOLLOW_UP],
    "letters": [turn("user", text('Käfer "läuft" 你好 <b>&amp;</b> 🙂\n\n'))],
}
PICTURES = {
    "one picture": [turn("user", image("rgb.png"), text("What is this?"))],
    "picture last": [SYSTEM, turn("user", text("Look: "), image("palette.gif"))],
    "several pictures": [
        turn("user", text("First "), image("tall.png"), text(" then "), image("photo_420.jpg"), image("rgba.png")),
        ANSWER,
        turn("user", image("rgb.bmp"), text("\nand this one?")),
    ],
    "the same picture twice": [turn("user", image("wide.png"), image("wide.png"), text("Same?"))],
}
PREFILLED = {
    "prefilled": [QUESTION, turn("assistant", text("<think>\nLet me"))],
    "prefilled with a trailing space": [QUESTION, ANSWER, FOLLOW_UP, turn("assistant", text("I think "))],
}


def flat(conversation):
    return [{"role": m["role"], "content": "".join(part["text"] for part in m["content"])} for m in conversation]


def text_cases(tok, templates):
    cases = []
    for template, source in templates.items():
        conversations = {**CONVERSATIONS, **PREFILLED}
        for name, conversation in conversations.items():
            for ending in ("closed", "generation", "continue"):
                if (ending == "continue") != (name in PREFILLED):
                    continue
                arguments = {"add_generation_prompt": ending == "generation", "continue_final_message": ending == "continue"}
                messages = conversation if template == "parts_only" else flat(conversation)
                case = {"template": template, "name": name, "ending": ending, "messages": conversation}
                try:
                    rendered = tok.apply_chat_template(messages, chat_template=source, tokenize=False, **arguments)
                    case |= {"text": rendered, "ids": tok(rendered, add_special_tokens=False)["input_ids"]}
                except Exception as error:
                    case |= {"refused": str(error)}
                cases.append(case)
    return cases


def picture_cases(processor, directory, templates):
    cases = []
    conversations = {**PICTURES, **CONVERSATIONS, **PREFILLED}
    for template in ("qwen2_5_vl", "parts_only"):
        for name, conversation in conversations.items():
            resolved = json.loads(json.dumps(conversation))
            for part in (part for message in resolved for part in message["content"] if part["type"] == "image"):
                part["image"] = str(directory / "images" / part["image"])
            ending = "continue" if name in PREFILLED else "generation"
            output = processor.apply_chat_template(
                resolved,
                chat_template=templates[template],
                tokenize=True,
                return_dict=True,
                add_generation_prompt=ending == "generation",
                continue_final_message=ending == "continue",
            )
            grids = output["image_grid_thw"].tolist() if "image_grid_thw" in output else []
            case = {"template": template, "name": name, "ending": ending, "messages": conversation}
            cases.append(case | {"ids": output["input_ids"][0], "grids": grids})
    return cases


def mask_cases(tok, templates):
    """Assistant masks, which transformers computes for templates with generation tags."""
    cases = []
    for name in ("answered", "answered twice"):
        output = tok.apply_chat_template(
            flat(CONVERSATIONS[name]),
            chat_template=templates["generation"],
            return_dict=True,
            return_assistant_tokens_mask=True,
        )
        case = {"name": name, "messages": CONVERSATIONS[name]}
        cases.append(case | {"ids": output["input_ids"], "mask": output["assistant_masks"]})
    return cases


def random_texts(rng):
    """Strings of letters, marks, digits, spaces and punctuation of many scripts, where pre-tokenizers disagree first."""
    blocks = [(32, 127), (0, 256), (0x300, 0x370), (0x370, 0x600), (0x900, 0xE00), (0x2000, 0x2070), (0x2150, 0x2200)]
    blocks += [(0x3000, 0x3100), (0x4E00, 0x4F00), (0xAC00, 0xAD00), (0x1F600, 0x1F650), (9, 14), (32, 33)]
    texts = []
    for _ in range(300):
        picks = rng.integers(0, len(blocks), rng.integers(1, 25))
        texts.append("".join(chr(rng.integers(*blocks[pick])) for pick in picks))
    return texts


def write(directory: Path, rng):
    tok = tokenizer()
    image_processor = Qwen2VLImageProcessor(min_pixels=56 * 56, max_pixels=112 * 112)
    save_model(directory / "model", tok, image_processor)
    templates = {path.stem: path.read_text() for path in sorted((directory / "templates").glob("*.jinja"))}
    processor = Qwen2_5_VLProcessor(image_processor, tok, Qwen2VLVideoProcessor(), chat_template=templates["qwen2_5_vl"])
    texts = []
    for value in TEXTS + random_texts(rng):
        ids = tok(value)["input_ids"]
        decoded = [tok.decode(ids, skip_special_tokens=skip) for skip in (False, True)]
        texts.append({"text": value, "ids": ids, "decoded": decoded[0], "decoded_without_special": decoded[1]})
    golden = {
        "texts": texts,
        "chats": text_cases(tok, {name: source for name, source in templates.items() if name != "qwen2_5_vl"}),
        "picture_chats": picture_cases(processor, directory, templates),
        "masks": mask_cases(tok, templates),
    }
    (directory / "chat.json").write_text(json.dumps(golden, ensure_ascii=False, separators=(",", ":")) + "\n")
