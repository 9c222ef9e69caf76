//! Malformed, oversized and cut pictures.

use super::*;

const LIMITS: DecodeLimits = DecodeLimits { max_pixels: 1_000_000 };

fn golden(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden/processor/images");
    std::fs::read(format!("{folder}/{name}")).unwrap()
}

/// Every format once, lossy and lossless.
const SAMPLES: [&str; 7] =
    ["rgb.png", "photo_420.jpg", "photo_422_progressive.jpg", "lossless.webp", "lossy.webp", "palette.gif", "rgb.bmp"];

#[test]
fn bytes_of_no_known_format_are_refused_with_their_head() {
    let error = decode(b"%PDF-1.7 and so on", LIMITS).unwrap_err();
    assert!(error.to_string().contains("`255044462d312e37`"), "{error}");
    assert!(matches!(decode(b"", LIMITS), Err(Error::UnknownFormat { size_bytes: 0, .. })));
}

#[test]
fn a_picture_over_the_pixel_limit_is_refused_before_it_is_decoded() {
    for name in SAMPLES {
        let error = decode(&golden(name), DecodeLimits { max_pixels: 1000 }).unwrap_err();
        assert!(matches!(error, Error::TooLarge { max_pixels: 1000, .. }), "{name}: {error}");
    }
}

#[test]
fn a_header_that_promises_gigapixels_costs_nothing() {
    let mut png = golden("rgb.png");
    png[16..24].copy_from_slice(&[0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff]);
    assert!(decode(&png, LIMITS).is_err());
    let mut gif = golden("palette.gif");
    gif[6..10].copy_from_slice(&[0xff; 4]);
    assert!(matches!(decode(&gif, LIMITS), Err(Error::TooLarge { .. })));
    let mut bmp = golden("rgb.bmp");
    bmp[18..26].copy_from_slice(&[0xff, 0xff, 0xff, 0x0f, 0xff, 0xff, 0xff, 0x0f]);
    assert!(decode(&bmp, LIMITS).is_err());
}

#[test]
fn a_file_cut_anywhere_is_an_error_never_a_panic() {
    for name in SAMPLES {
        let whole = golden(name);
        for percent in [5, 30, 60, 90] {
            let cut = &whole[..whole.len() * percent / 100];
            let error = decode(cut, LIMITS).expect_err(name);
            assert!(!matches!(error, Error::DecoderPanicked { .. }), "{name} at {percent}%: {error}");
        }
    }
}

#[test]
fn a_file_with_any_byte_changed_never_panics_out_of_the_decoder() {
    for name in SAMPLES {
        let whole = golden(name);
        for position in (0..whole.len()).step_by(whole.len() / 200 + 1) {
            let mut damaged = whole.clone();
            damaged[position] ^= 0x5a;
            // Most damage is invisible to a decoder; what counts is that the call returns.
            let _ = decode(&damaged, LIMITS);
        }
    }
}

#[test]
fn an_empty_canvas_is_refused() {
    let mut gif = golden("palette.gif");
    gif[6..10].copy_from_slice(&[0; 4]);
    assert!(matches!(decode(&gif, LIMITS), Err(Error::Empty { width: 0, height: 0, .. })));
}
