//! The names tensors have in checkpoints. This table is the only place where naming generations differ.
//!
//! transformers writes Qwen2.5-VL as `visual.…` and `model.layers.…`; checkpoints written from its modules directly (and by
//! some releases between) say `model.visual.…` and `model.language_model.…`. A bare text decoder has no prefix at all.

/// A naming generation of checkpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Naming {
    /// `visual.…`, `model.…`, `lm_head.…`: the canonical names.
    #[default]
    Flat,
    /// `model.visual.…`, `model.language_model.…`, `lm_head.…`.
    Nested,
    /// `embed_tokens.…`, `layers.…`, `norm.…`: a decoder saved without its head.
    Bare,
}

/// Canonical prefix and the prefix in each generation; the first row that matches decides.
const PREFIXES: [(&str, &str, &str); 3] = [
    ("visual.", "model.visual.", "visual."),
    ("model.", "model.language_model.", ""),
    ("lm_head.", "lm_head.", "lm_head."),
];

impl Naming {
    /// Finds the generation of a checkpoint from its tensor names.
    pub(crate) fn of<'a>(mut names: impl Iterator<Item = &'a str> + Clone) -> Self {
        if names.clone().any(|name| name.starts_with("model.language_model.") || name.starts_with("model.visual.")) {
            Self::Nested
        } else if names.any(|name| name == "embed_tokens.weight") {
            Self::Bare
        } else {
            Self::Flat
        }
    }

    /// Returns the name in the checkpoint of a canonical name.
    pub(crate) fn stored(self, canonical: &str) -> String {
        for (flat, nested, bare) in PREFIXES {
            if let Some(rest) = canonical.strip_prefix(flat) {
                let prefix = match self {
                    Self::Flat => flat,
                    Self::Nested => nested,
                    Self::Bare => bare,
                };
                return format!("{prefix}{rest}");
            }
        }
        canonical.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::Naming;

    #[test]
    fn every_generation_names_the_same_tensors() {
        let rows = [
            ("visual.merger.ln_q.weight", "model.visual.merger.ln_q.weight", "visual.merger.ln_q.weight"),
            (
                "model.layers.0.mlp.up_proj.weight",
                "model.language_model.layers.0.mlp.up_proj.weight",
                "layers.0.mlp.up_proj.weight",
            ),
            ("lm_head.weight", "lm_head.weight", "lm_head.weight"),
        ];
        for (canonical, nested, bare) in rows {
            assert_eq!(Naming::Flat.stored(canonical), canonical);
            assert_eq!(Naming::Nested.stored(canonical), nested);
            assert_eq!(Naming::Bare.stored(canonical), bare);
        }
    }

    #[test]
    fn the_generation_is_found_from_the_names() {
        assert_eq!(Naming::of(["model.norm.weight", "visual.merger.ln_q.weight"].into_iter()), Naming::Flat);
        assert_eq!(Naming::of(["lm_head.weight", "model.language_model.norm.weight"].into_iter()), Naming::Nested);
        assert_eq!(Naming::of(["embed_tokens.weight", "norm.weight"].into_iter()), Naming::Bare);
    }
}
