//! Tests of what is refused before any forward.

use std::{error::Error as _, sync::Arc};

use super::{MediaInput, Prompt};
use crate::Config;

const IMAGE: u32 = 40;

fn config(model_type: &str) -> Config {
    let text = format!(
        r#"{{"model_type": "{model_type}", "vocab_size": 50, "hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 1,
        "num_attention_heads": 2, "num_key_value_heads": 1, "max_position_embeddings": 64, "rms_norm_eps": 1e-6,
        "rope_theta": 1e4, "rope_scaling": {{"type": "mrope", "mrope_section": [1, 1, 0]}}, "image_token_id": {IMAGE},
        "vision_config": {{"depth": 1, "hidden_size": 8, "intermediate_size": 8, "num_heads": 2, "patch_size": 1,
        "spatial_merge_size": 2, "window_size": 4, "out_hidden_size": 8, "fullatt_block_indexes": [],
        "temporal_patch_size": 1}}}}"#
    );
    Config::from_json(&text).unwrap()
}

/// An image of a grid whose patches hold 3 values.
fn image(grid: [u32; 3]) -> Arc<MediaInput> {
    let mut input = MediaInput { pixel_values: Vec::new(), grid };
    input.pixel_values = vec![0.0; input.num_patches() * 3];
    Arc::new(input)
}

/// What is wrong with a prompt for a model, as the cause of its rejection says it.
fn fault_for(model_type: &str, prompt: &Prompt) -> String {
    let error = prompt.check(&config(model_type)).unwrap_err();
    error.source().unwrap().to_string()
}

fn fault(token_ids: &[u32], media: Vec<Arc<MediaInput>>) -> String {
    fault_for("qwen2_5_vl", &Prompt { token_ids: token_ids.to_vec(), media })
}

#[test]
fn as_many_placeholders_as_embeddings_are_accepted() {
    let media = vec![image([1, 2, 4]), image([1, 2, 2])];
    let prompt = Prompt { token_ids: vec![1, IMAGE, IMAGE, IMAGE, 2], media };
    prompt.check(&config("qwen2_5_vl")).unwrap();
}

#[test]
fn placeholders_and_embeddings_must_agree() {
    let message = fault(&[1, IMAGE, 2], vec![image([1, 2, 4])]);
    assert!(message.contains("1 image placeholder tokens") && message.contains("2 embeddings"), "{message}");
    assert!(fault(&[1, IMAGE, 2], Vec::new()).contains("0 images"));
}

#[test]
fn the_placeholders_of_an_image_are_contiguous() {
    let message = fault(&[IMAGE, 7, IMAGE], vec![image([1, 2, 4])]);
    assert!(message.contains("position 1 holds `7`"), "{message}");
}

#[test]
fn grids_and_pixel_values_must_agree() {
    assert!(fault(&[IMAGE], vec![image([1, 3, 2])]).contains("[1, 3, 2]"));
    assert!(fault(&[IMAGE], vec![image([0, 2, 2])]).contains("[0, 2, 2]"));
    let short = MediaInput { pixel_values: vec![0.0; 11], grid: [1, 2, 2] };
    let message = fault(&[IMAGE], vec![Arc::new(short)]);
    assert!(message.contains("11 pixel values") && message.contains("needs 12"), "{message}");
}

#[test]
fn token_ids_lie_inside_the_vocabulary() {
    assert!(fault(&[], Vec::new()).contains("no tokens"));
    let message = fault(&[1, 50], Vec::new());
    assert!(message.contains("`50` at position 1"), "{message}");
}

#[test]
fn a_text_model_takes_no_images() {
    let prompt = Prompt { token_ids: vec![1], media: vec![image([1, 2, 2])] };
    let message = fault_for("qwen2", &prompt);
    assert!(message.contains("no vision tower"), "{message}");
}
