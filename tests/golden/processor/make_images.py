"""Pictures of odd shapes, colour modes and formats, with what Pillow and transformers make of them.

Called by make.py. Writes images/*, images.json and images.safetensors.
"""

import io
import json
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, features
from safetensors.numpy import save_file
from transformers.image_transforms import resize
from transformers.image_utils import load_image
from transformers.models.qwen2_vl.image_processing_qwen2_vl import Qwen2VLImageProcessor, smart_resize

MIN_PIXELS, MAX_PIXELS = 56 * 56, 112 * 112
ORIENTATION = 0x112


def scene(rng, width, height, channels=3):
    """A picture with edges, gradients and some noise, so that JPEG has work and resizing shows."""
    y, x = np.mgrid[0:height, 0:width]
    planes = []
    for _ in range(channels):
        a, b, c = rng.uniform(0.02, 0.2, 3)
        plane = 128 + 70 * np.sin(a * x + c) + 50 * np.cos(b * y - a * x)
        left, top = rng.integers(0, max(1, width // 2)), rng.integers(0, max(1, height // 2))
        plane[top : top + height // 3 + 1, left : left + width // 3 + 1] = rng.uniform(0, 255)
        planes.append(plane + rng.normal(0, 3, plane.shape))
    return np.clip(np.stack(planes, -1), 0, 255).astype(np.uint8)


def png(samples, colour_type, depth, chunks=(), interlace=False):
    """Writes the PNG modes Pillow cannot: samples [h, w, c], 16-bit where depth says so."""
    samples = samples.astype(">u2") if depth == 16 else samples.astype(np.uint8)
    height, width = samples.shape[:2]

    def scanlines(rows):
        return b"".join(b"\0" + row.tobytes() for row in rows) if rows.size else b""

    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    if interlace:
        data = b"".join(scanlines(samples[y::dy, x::dx]) for x, y, dx, dy in passes)
    else:
        data = scanlines(samples)

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, int(interlace))
    parts = [chunk(b"IHDR", header), *(chunk(*extra) for extra in chunks), chunk(b"IDAT", zlib.compress(data, 9))]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts) + chunk(b"IEND", b"")


def save(image, kind, **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def exif(orientation):
    tags = Image.Exif()
    tags[ORIENTATION] = orientation
    return tags.tobytes()


def png_files(rng):
    def image(width, height, channels=3):
        return Image.fromarray(scene(rng, width, height, channels).squeeze())

    rgba, grey_alpha = image(61, 83, 4), Image.fromarray(scene(rng, 45, 40, 2), "LA")
    palette = image(90, 33).quantize(13)
    deep = rng.integers(0, 65536, (37, 52, 4))
    grey_deep = rng.integers(0, 600, (30, 41, 1))
    return {
        "rgb.png": save(image(101, 77), "PNG"),
        "rgba.png": save(rgba, "PNG"),
        "grey.png": save(image(31, 64, 1), "PNG"),
        "grey_alpha.png": save(grey_alpha, "PNG"),
        "palette.png": save(palette, "PNG"),
        "palette_transparent.png": save(palette, "PNG", transparency=bytes(range(0, 130, 10))),
        "palette_2_bits.png": save(image(50, 50).quantize(4), "PNG"),
        "one_bit.png": save(image(47, 59, 1).convert("1"), "PNG"),
        "grey_16_bits.png": png(grey_deep, 0, 16),
        "grey_16_bits_transparent.png": png(grey_deep, 0, 16, [(b"tRNS", struct.pack(">H", 7))]),
        "grey_alpha_16_bits.png": png(deep[..., :2], 4, 16),
        "rgb_16_bits.png": png(deep[..., :3], 2, 16),
        "rgba_16_bits.png": png(deep, 6, 16),
        "rgb_transparent.png": png(scene(rng, 40, 40), 2, 8, [(b"tRNS", struct.pack(">HHH", 1, 2, 3))]),
        "interlaced.png": png(scene(rng, 43, 35), 2, 8, interlace=True),
        "turned.png": save(image(70, 30), "PNG", exif=exif(5)),
        "tall.png": save(image(9, 210), "PNG"),
        "wide.png": save(image(300, 17), "PNG"),
        "tiny.png": save(image(2, 2), "PNG"),
    }


def jpeg_files(rng):
    def image(width, height, channels=3):
        return Image.fromarray(scene(rng, width, height, channels).squeeze())

    turned = {f"turned_{i}.jpg": save(image(41, 60), "JPEG", quality=90, exif=exif(i)) for i in (3, 6, 8)}
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf tiff:Orientation="7"/></x:xmpmeta>'
    return turned | {
        "photo_420.jpg": save(image(233, 150), "JPEG", quality=85),
        "photo_422_progressive.jpg": save(image(129, 93), "JPEG", quality=75, subsampling=1, progressive=True),
        "photo_444.jpg": save(image(64, 90), "JPEG", quality=95, subsampling=0),
        "grey.jpg": save(image(75, 55, 1), "JPEG"),
        "cmyk.jpg": save(image(60, 44).convert("CMYK"), "JPEG", quality=92),
        "turned_by_xmp.jpg": save(image(50, 35), "JPEG", xmp=xmp),
    }


def other_files(rng):
    def image(width, height, channels=3):
        return Image.fromarray(scene(rng, width, height, channels).squeeze())

    frames = [image(40, 52).quantize(32) for _ in range(2)]
    return {
        "lossless.webp": save(image(66, 51), "WEBP", lossless=True),
        "lossless_alpha.webp": save(image(44, 71, 4), "WEBP", lossless=True, exact=True),
        "lossy.webp": save(image(121, 84), "WEBP", quality=80),
        "turned.webp": save(image(80, 41), "WEBP", lossless=True, exif=exif(8)),
        "animated.webp": save(image(48, 48), "WEBP", lossless=True, save_all=True, append_images=[image(48, 48)]),
        "palette.gif": save(image(57, 49).quantize(100), "GIF"),
        "grey.gif": save(image(33, 38, 1), "GIF"),
        "transparent.gif": save(image(45, 45).quantize(20), "GIF", transparency=3),
        "animated.gif": save(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=50),
        "offset.gif": offset_gif(rng, None),
        "offset_transparent.gif": offset_gif(rng, 2),
        "rgb.bmp": save(image(63, 41), "BMP"),
        "rgba.bmp": save(image(35, 36, 4), "BMP"),
        "palette.bmp": save(image(46, 39).quantize(60), "BMP"),
        "one_bit.bmp": save(image(39, 46, 1).convert("1"), "BMP"),
    }


def offset_gif(rng, transparency):
    """A GIF whose only frame covers part of the canvas: Pillow's own file with the frame moved and the canvas grown."""
    options = {} if transparency is None else {"transparency": transparency}
    frame = Image.fromarray(scene(rng, 30, 20)).quantize(8)
    data = bytearray(save(frame, "GIF", **options))
    data[6:10] = struct.pack("<HH", 48, 40)
    descriptor = data.index(b"," + struct.pack("<HHHH", 0, 0, 30, 20))
    data[descriptor + 1 : descriptor + 5] = struct.pack("<HH", 11, 13)
    return bytes(data)


def write(directory: Path, rng):
    folder = directory / "images"
    folder.mkdir(exist_ok=True)
    files = png_files(rng) | jpeg_files(rng) | other_files(rng)
    processor = Qwen2VLImageProcessor(min_pixels=MIN_PIXELS, max_pixels=MAX_PIXELS)
    tensors, entries = {}, []
    for name, data in files.items():
        (folder / name).write_bytes(data)
        image = load_image(str(folder / name))
        decoded = np.array(image)
        output = processor(images=[image], return_tensors="np")
        height, width = smart_resize(*decoded.shape[:2], 28, MIN_PIXELS, MAX_PIXELS)
        tensors[f"{name}/decoded"] = decoded
        tensors[f"{name}/resized"] = np.ascontiguousarray(resize(decoded, (height, width), resample=processor.resample))
        if name in ("tall.png", "rgba.png", "photo_420.jpg"):
            tensors[f"{name}/patches"] = output["pixel_values"].astype(np.float32)
        exact = not name.endswith(".jpg") and name != "lossy.webp"
        entries.append({"name": name, "grid": output["image_grid_thw"][0].tolist(), "lossless": exact})
    save_file(tensors, directory / "images.safetensors")
    versions = {key: features.version(key) for key in ("libjpeg_turbo", "webp", "pil")}
    description = {"min_pixels": MIN_PIXELS, "max_pixels": MAX_PIXELS, "codecs": versions, "pictures": entries}
    (directory / "images.json").write_text(json.dumps(description, indent=1) + "\n")
