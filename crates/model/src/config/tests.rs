//! Tests of reading and writing configurations in both layouts.

use serde_json::json;

use super::Config;

fn flat() -> serde_json::Value {
    json!({
        "model_type": "qwen2_5_vl", "vocab_size": 64, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2,
        "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 512, "rms_norm_eps": 1e-6,
        "rope_theta": 1e4, "rope_scaling": {"type": "mrope", "mrope_section": [1, 1, 2]}, "tie_word_embeddings": true,
        "torch_dtype": "bfloat16", "image_token_id": 60, "a_key_nobody_knows": {"kept": 1},
        "vision_config": {
            "depth": 2, "hidden_size": 32, "intermediate_size": 40, "num_heads": 2, "patch_size": 4, "in_chans": 3,
            "spatial_merge_size": 2, "window_size": 16, "out_hidden_size": 32, "fullatt_block_indexes": [1]
        }
    })
}

fn nested() -> serde_json::Value {
    json!({
        "model_type": "qwen2_5_vl", "dtype": "float32", "image_token_id": 60, "tie_word_embeddings": true,
        "text_config": {
            "model_type": "qwen2_5_vl_text", "vocab_size": 64, "hidden_size": 32, "intermediate_size": 48,
            "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 512,
            "rms_norm_eps": 1e-6, "hidden_act": "silu",
            "rope_parameters": {"rope_theta": 1e4, "rope_type": "default", "mrope_section": [1, 1, 2]}
        },
        "vision_config": flat()["vision_config"],
    })
}

#[test]
fn both_layouts_say_the_same() {
    let flat = Config::from_json(&flat().to_string()).unwrap();
    let nested = Config::from_json(&nested().to_string()).unwrap();
    assert_eq!((&flat.text, &flat.vision), (&nested.text, &nested.vision));
    assert!(flat.tie_word_embeddings && nested.tie_word_embeddings);
    assert_eq!(flat.image_token_id, Some(60));
}

#[test]
fn a_config_is_written_back_as_it_was_read() {
    for document in [flat(), nested()] {
        let config = Config::from_json(&document.to_string()).unwrap();
        let written: serde_json::Value = serde_json::from_str(&config.to_json()).unwrap();
        assert_eq!(written, document);
    }
}

#[test]
fn the_stored_number_type_is_replaced_where_it_stands() {
    let config = Config::from_json(&flat().to_string()).unwrap();
    let written: serde_json::Value = serde_json::from_str(&config.to_json_stored_as("float32")).unwrap();
    assert_eq!(written["torch_dtype"], "float32");
    assert_eq!(written.get("dtype"), None);
}

#[test]
fn every_problem_is_reported_at_once() {
    let mut document = flat();
    document["hidden_size"] = json!("wide");
    document["hidden_act"] = json!("gelu");
    document["use_sliding_window"] = json!(true);
    document["vision_config"]["depth"] = json!(0);
    document.as_object_mut().unwrap().remove("rms_norm_eps");
    let message = Config::from_json(&document.to_string()).unwrap_err().to_string();
    for key in ["`hidden_size`", "`hidden_act`", "`use_sliding_window`", "`vision_config.depth`", "`rms_norm_eps`"] {
        assert!(message.contains(key), "{key} not in {message}");
    }
}

#[test]
fn widths_that_do_not_fit_are_reported() {
    let mut document = flat();
    document["num_key_value_heads"] = json!(3);
    document["rope_scaling"]["mrope_section"] = json!([4, 4, 4]);
    document["vision_config"]["out_hidden_size"] = json!(48);
    let message = Config::from_json(&document.to_string()).unwrap_err().to_string();
    for part in ["`num_key_value_heads` 3", "`mrope_section` [4, 4, 4]", "out_hidden_size` 48"] {
        assert!(message.contains(part), "{part} not in {message}");
    }
}

#[test]
fn another_architecture_is_refused_by_name() {
    let message = Config::from_json(r#"{"model_type": "llama"}"#).unwrap_err().to_string();
    assert!(message.contains("`llama`"), "{message}");
}

#[test]
fn stretched_rotary_embeddings_are_refused() {
    let mut document = flat();
    document["rope_scaling"]["type"] = json!("yarn");
    let message = Config::from_json(&document.to_string()).unwrap_err().to_string();
    assert!(message.contains("yarn"), "{message}");
}
