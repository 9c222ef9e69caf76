//! Pictures against Pillow and transformers: the vectors of `tests/golden/processor`, made by its `make.py`.

use std::{fs, path::PathBuf};

use gradus_processor::picture::{
    DecodeLimits, ImagePipeline, ImageSettings, RgbPicture, decode, resize_bicubic, smart_resize,
};
use safetensors::SafeTensors;
use serde::Deserialize;

use crate::model::directory;

#[derive(Deserialize)]
struct Golden {
    min_pixels: u64,
    max_pixels: u64,
    pictures: Vec<Picture>,
}

#[derive(Deserialize)]
struct Picture {
    name: String,
    grid: [u32; 3],
    lossless: bool,
}

struct Vectors {
    directory: PathBuf,
    golden: Golden,
    tensors: Vec<u8>,
}

impl Vectors {
    fn load() -> Self {
        let directory = directory();
        let golden = serde_json::from_slice(&fs::read(directory.join("images.json")).unwrap()).unwrap();
        let tensors = fs::read(directory.join("images.safetensors")).unwrap();
        Self { directory, golden, tensors }
    }

    fn settings(&self) -> ImageSettings {
        let Golden { min_pixels, max_pixels, .. } = self.golden;
        ImageSettings { min_pixels, max_pixels, ..ImageSettings::default() }
    }

    fn encoded(&self, name: &str) -> Vec<u8> {
        fs::read(self.directory.join("images").join(name)).unwrap()
    }

    fn rgb(&self, name: &str, stage: &str) -> RgbPicture {
        let tensors = SafeTensors::deserialize(&self.tensors).unwrap();
        let tensor = tensors.tensor(&format!("{name}/{stage}")).unwrap();
        let [height, width, 3] = *tensor.shape() else { panic!("{name} has shape {:?}", tensor.shape()) };
        RgbPicture { width: width as u32, height: height as u32, samples: tensor.data().to_vec() }
    }
}

fn mean_difference(ours: &[u8], theirs: &[u8]) -> f64 {
    let sum: u64 = ours.iter().zip(theirs).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    sum as f64 / ours.len() as f64
}

#[test]
fn lossless_decoders_equal_pillow_byte_for_byte_and_lossy_ones_within_a_mean_of_one() {
    let vectors = Vectors::load();
    assert!(vectors.golden.pictures.len() >= 20);
    for Picture { name, lossless, .. } in &vectors.golden.pictures {
        let ours = decode(&vectors.encoded(name), DecodeLimits::default()).unwrap();
        let theirs = vectors.rgb(name, "decoded");
        assert_eq!((ours.width, ours.height), (theirs.width, theirs.height), "{name}");
        let difference = mean_difference(&ours.samples, &theirs.samples);
        let tolerance = if *lossless { 0.0 } else { 1.0 };
        assert!(difference <= tolerance, "{name} differs by a mean of {difference}");
    }
}

#[test]
fn resizing_equals_pillow_byte_for_byte() {
    let vectors = Vectors::load();
    for Picture { name, .. } in &vectors.golden.pictures {
        let decoded = vectors.rgb(name, "decoded");
        let bounds = vectors.settings().size_bounds();
        let (width, height) = smart_resize(decoded.width, decoded.height, bounds).unwrap();
        assert!(resize_bicubic(&decoded, width, height) == vectors.rgb(name, "resized"), "{name}");
    }
}

#[test]
fn grids_equal_those_of_transformers() {
    let vectors = Vectors::load();
    let pipeline = ImagePipeline::new(vectors.settings(), DecodeLimits::default());
    for Picture { name, grid, .. } in &vectors.golden.pictures {
        let patches = pipeline.process(&vectors.encoded(name)).unwrap();
        assert_eq!(patches.grid, *grid, "{name}");
        assert_eq!(patches.values.len(), patches.num_patches() * 3 * 2 * 14 * 14, "{name}");
        assert_eq!(patches.num_tokens() * 4, patches.num_patches(), "{name}");
    }
}

#[test]
fn patch_values_equal_those_of_transformers_bit_for_bit() {
    let vectors = Vectors::load();
    let tensors = SafeTensors::deserialize(&vectors.tensors).unwrap();
    let pipeline = ImagePipeline::new(vectors.settings(), DecodeLimits::default());
    for name in ["tall.png", "rgba.png"] {
        let patches = pipeline.process(&vectors.encoded(name)).unwrap();
        let theirs = tensors.tensor(&format!("{name}/patches")).unwrap();
        assert_eq!(theirs.shape(), [patches.num_patches(), 1176]);
        let ours: Vec<u8> = patches.values.iter().flat_map(|value| value.to_le_bytes()).collect();
        assert!(ours == theirs.data(), "{name}");
    }
}
