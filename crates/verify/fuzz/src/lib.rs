//! What the fuzz targets look for: a text that breaks one of the [`checks`], takes too much [`memory`], or takes too long, which libFuzzer
//! sees for itself.

pub mod checks;
pub mod memory;
