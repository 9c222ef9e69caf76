//! The tensors a configuration implies: canonical name, shape and initial distribution, in the order parameters are listed.
//!
//! Legend: D hidden size, V vocabulary, F feed-forward width; E vision width, K patch values, M merge unit.

use crate::Config;

/// One tensor of a model.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    pub name: String,
    pub shape: Vec<i64>,
    pub initial: Initial,
}

/// How a tensor starts in a model that is not loaded, as in transformers' `_init_weights`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Initial {
    Normal { standard_deviation: f64 },
    Zeros,
    Ones,
}

/// Lists every tensor of a model: vision tower, embedding, layers, norm, head.
pub(crate) fn entries(config: &Config) -> Vec<Entry> {
    let mut inventory = Inventory { entries: Vec::new(), standard_deviation: 0.0 };
    inventory.vision(config);
    inventory.text(config);
    inventory.entries
}

struct Inventory {
    entries: Vec<Entry>,
    standard_deviation: f64,
}

// === impl Inventory ===

impl Inventory {
    fn vision(&mut self, config: &Config) {
        let Some(vision) = &config.vision else { return };
        self.standard_deviation = vision.initializer_range;
        let (width, side) = (vision.hidden_size, vision.patch_size);
        let patch = [width, vision.in_channels, vision.temporal_patch_size, side, side];
        self.weight("visual.patch_embed.proj", &patch); // [E, K]
        for block in 0..vision.depth {
            let prefix = format!("visual.blocks.{block}");
            self.norm(&format!("{prefix}.norm1"), width);
            self.norm(&format!("{prefix}.norm2"), width);
            self.biased(&format!("{prefix}.attn.qkv"), 3 * width, width);
            self.biased(&format!("{prefix}.attn.proj"), width, width);
            self.biased(&format!("{prefix}.mlp.gate_proj"), vision.intermediate_size, width);
            self.biased(&format!("{prefix}.mlp.up_proj"), vision.intermediate_size, width);
            self.biased(&format!("{prefix}.mlp.down_proj"), width, vision.intermediate_size);
        }
        let merged = width * vision.merge_unit(); // M · E
        self.norm("visual.merger.ln_q", width);
        self.biased("visual.merger.mlp.0", merged, merged);
        self.biased("visual.merger.mlp.2", vision.out_hidden_size, merged);
    }

    fn text(&mut self, config: &Config) {
        let text = &config.text;
        self.standard_deviation = text.initializer_range;
        let (width, inner) = (text.hidden_size, text.intermediate_size);
        let key_width = text.num_key_value_heads * text.head_dim();
        self.weight("model.embed_tokens", &[text.vocab_size, width]); // [V, D]
        for layer in 0..text.num_hidden_layers {
            let prefix = format!("model.layers.{layer}");
            self.norm(&format!("{prefix}.input_layernorm"), width);
            self.biased(&format!("{prefix}.self_attn.q_proj"), width, width);
            self.biased(&format!("{prefix}.self_attn.k_proj"), key_width, width);
            self.biased(&format!("{prefix}.self_attn.v_proj"), key_width, width);
            self.weight(&format!("{prefix}.self_attn.o_proj"), &[width, width]);
            self.norm(&format!("{prefix}.post_attention_layernorm"), width);
            self.weight(&format!("{prefix}.mlp.gate_proj"), &[inner, width]); // [F, D]
            self.weight(&format!("{prefix}.mlp.up_proj"), &[inner, width]);
            self.weight(&format!("{prefix}.mlp.down_proj"), &[width, inner]);
        }
        self.norm("model.norm", width);
        if !config.tie_word_embeddings {
            self.weight("lm_head", &[text.vocab_size, width]);
        }
    }

    fn weight(&mut self, module: &str, shape: &[i64]) {
        let initial = Initial::Normal { standard_deviation: self.standard_deviation };
        self.entries.push(Entry { name: format!("{module}.weight"), shape: shape.to_vec(), initial });
    }

    fn norm(&mut self, module: &str, width: i64) {
        self.entries.push(Entry { name: format!("{module}.weight"), shape: vec![width], initial: Initial::Ones });
    }

    fn biased(&mut self, module: &str, outputs: i64, inputs: i64) {
        self.weight(module, &[outputs, inputs]);
        self.entries.push(Entry { name: format!("{module}.bias"), shape: vec![outputs], initial: Initial::Zeros });
    }
}
