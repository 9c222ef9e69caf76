//! How a model wants its pictures, read from its directory.
//!
//! transformers 4 writes `preprocessor_config.json`, with the area bounds as `min_pixels` and `max_pixels`; transformers 5
//! writes the section `image_processor` of `processor_config.json`, with the bounds as `size.shortest_edge` and
//! `size.longest_edge`. Both are read, in either file.

use std::path::Path;

use crate::{Error, json_file::JsonFile, picture::ImageSettings};

/// Pillow's number for bicubic resampling.
const BICUBIC: u64 = 3;

/// Reads the image settings of a model directory, or nothing for a model without an image processor.
pub(crate) fn load(directory: &Path) -> Result<Option<ImageSettings>, Error> {
    let section = JsonFile::read(directory, "processor_config.json")?.and_then(|file| file.section("image_processor"));
    let file = match section {
        Some(section) => section,
        None => match JsonFile::read(directory, "preprocessor_config.json")? {
            Some(file) => file,
            None => return Ok(None),
        },
    };
    let settings = read(&file)?;
    check_against_model(&settings, directory)?;
    Ok(Some(settings))
}

fn read(file: &JsonFile) -> Result<ImageSettings, Error> {
    check_kind(file)?;
    let default = ImageSettings::default();
    let size = file.section("size");
    let bound = |key: &str, size_key: &str, default: u64| -> Result<u64, Error> {
        let of_size = || size.as_ref().map_or(Ok(None), |size| size.get(size_key, "a number of pixels"));
        Ok(file.get(key, "a number of pixels")?.or(of_size()?).unwrap_or(default))
    };
    let side = |key, default| -> Result<u32, Error> {
        match file.get(key, "a positive number")?.unwrap_or(default) {
            0 => Err(file.unexpected(key, "a positive number")),
            side => Ok(side),
        }
    };
    let three = |key, default| Ok(file.get(key, "three numbers")?.unwrap_or(default));
    Ok(ImageSettings {
        patch_size: side("patch_size", default.patch_size)?,
        temporal_patch_size: side("temporal_patch_size", default.temporal_patch_size)?,
        merge_size: side("merge_size", default.merge_size)?,
        min_pixels: bound("min_pixels", "shortest_edge", default.min_pixels)?,
        max_pixels: bound("max_pixels", "longest_edge", default.max_pixels)?,
        rescale_factor: file.get("rescale_factor", "a number")?.unwrap_or(default.rescale_factor),
        image_mean: three("image_mean", default.image_mean)?,
        image_std: three("image_std", default.image_std)?,
    })
}

/// Refuses image processors of other families, and steps switched off or done in another way.
fn check_kind(file: &JsonFile) -> Result<(), Error> {
    const FAMILY: &str = "an image processor of the Qwen2-VL family";
    if let Some(kind) = file.get::<String>("image_processor_type", FAMILY)?
        && !(kind.starts_with("Qwen2VL") || kind.starts_with("Qwen2_5_VL"))
    {
        return Err(file.unexpected("image_processor_type", FAMILY));
    }
    for step in ["do_resize", "do_rescale", "do_normalize", "do_convert_rgb"] {
        if file.get(step, "a boolean")? == Some(false) {
            return Err(file.unexpected(step, "true"));
        }
    }
    match file.get("resample", "a number")? {
        None | Some(BICUBIC) => Ok(()),
        Some(_) => Err(file.unexpected("resample", "3 (bicubic)")),
    }
}

/// Refuses patches that the vision tower of `config.json` could not read.
fn check_against_model(settings: &ImageSettings, directory: &Path) -> Result<(), Error> {
    let Some(config) = JsonFile::read(directory, "config.json")? else { return Ok(()) };
    let Some(vision) = config.section("vision_config") else { return Ok(()) };
    let pairs = [
        ("patch_size", settings.patch_size),
        ("temporal_patch_size", settings.temporal_patch_size),
        ("spatial_merge_size", settings.merge_size),
    ];
    for (key, ours) in pairs {
        if vision.get::<u32>(key, "a positive number")?.is_some_and(|theirs| theirs != ours) {
            return Err(vision.unexpected(key, "the value of the image processor's configuration"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn load_from(files: &[(&str, &str)]) -> Result<Option<ImageSettings>, Error> {
        let directory = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(directory.path().join(name), text).unwrap();
        }
        load(directory.path())
    }

    #[test]
    fn both_generations_of_files_give_the_same_bounds() {
        let first = r#"{"min_pixels": 3136, "max_pixels": 50176, "image_processor_type": "Qwen2VLImageProcessor"}"#;
        let second = r#"{"image_processor": {"size": {"shortest_edge": 3136, "longest_edge": 50176}}}"#;
        let first = load_from(&[("preprocessor_config.json", first)]).unwrap().unwrap();
        let second = load_from(&[("processor_config.json", second)]).unwrap().unwrap();
        assert_eq!(first, second);
        assert_eq!(first.max_pixels, 50176);
    }

    #[test]
    fn a_processor_file_without_images_leaves_the_word_to_the_other() {
        let files = [("processor_config.json", r#"{"processor_class": "x"}"#), ("preprocessor_config.json", "{}")];
        assert_eq!(load_from(&files).unwrap(), Some(ImageSettings::default()));
        assert_eq!(load_from(&files[..1]).unwrap(), None);
    }

    #[test]
    fn what_cannot_be_followed_is_refused_with_its_key() {
        let cases = [
            (r#"{"do_resize": false}"#, "do_resize"),
            (r#"{"resample": 2}"#, "resample"),
            (r#"{"image_processor_type": "CLIPImageProcessor"}"#, "image_processor_type"),
            (r#"{"patch_size": 0}"#, "patch_size"),
            (r#"{"image_mean": [0.5]}"#, "image_mean"),
            (r#"{"max_pixels": "many"}"#, "max_pixels"),
        ];
        for (text, key) in cases {
            let error = load_from(&[("preprocessor_config.json", text)]).unwrap_err().to_string();
            assert!(error.contains(&format!("`{key}`")), "{error}");
        }
    }

    #[test]
    fn patches_that_do_not_fit_the_vision_tower_are_refused() {
        let files = [("preprocessor_config.json", "{}"), ("config.json", r#"{"vision_config": {"patch_size": 16}}"#)];
        let error = load_from(&files).unwrap_err().to_string();
        assert!(error.contains("`vision_config.patch_size` is `16`"), "{error}");
    }
}
