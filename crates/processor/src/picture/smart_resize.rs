//! The size a picture is resized to before it is cut into patches.

use super::Error;

/// The largest ratio of a picture's sides that is accepted, as in transformers.
const MAX_ASPECT_RATIO: f64 = 200.0;

/// What sizes are allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SizeBounds {
    /// Both sides become multiples of this: the patch size times the merge size.
    pub factor: u32,
    /// The smallest area, in pixels.
    pub min_pixels: u64,
    /// The largest area, in pixels.
    pub max_pixels: u64,
}

/// Returns the `(width, height)` that keeps the aspect ratio as well as the bounds allow (`smart_resize` of transformers).
///
/// # Errors
/// Returns [`Error::AspectRatio`] when one side is more than 200 times the other.
pub fn smart_resize(width: u32, height: u32, bounds: SizeBounds) -> Result<(u32, u32), Error> {
    if f64::from(width.max(height)) / f64::from(width.min(height)) > MAX_ASPECT_RATIO {
        return Err(Error::AspectRatio { width, height });
    }
    let factor = f64::from(bounds.factor);
    let (min_pixels, max_pixels) = (bounds.min_pixels as f64, bounds.max_pixels as f64);
    let (width, height) = (f64::from(width), f64::from(height));
    // Python's `round` breaks ties to even.
    let mut target = [width, height].map(|side| (side / factor).round_ties_even() * factor);
    let area = target[0] * target[1];
    if area > max_pixels {
        let shrink = (height * width / max_pixels).sqrt();
        target = [width, height].map(|side| (side / shrink / factor).floor() * factor);
    } else if area < min_pixels {
        let grow = (min_pixels / (height * width)).sqrt();
        target = [width, height].map(|side| (side * grow / factor).ceil() * factor);
    }
    let [width, height] = target.map(|side| side.max(factor) as u32);
    Ok((width, height))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: SizeBounds = SizeBounds { factor: 28, min_pixels: 3136, max_pixels: 1_003_520 };

    fn check(source: (u32, u32), target: (u32, u32)) {
        assert_eq!(smart_resize(source.0, source.1, BOUNDS).unwrap(), target, "{source:?}");
    }

    #[test]
    fn sides_become_the_nearest_multiples_of_the_factor() {
        check((84, 84), (84, 84));
        check((100, 80), (112, 84));
        check((1000, 500), (1008, 504));
    }

    #[test]
    fn a_tie_goes_to_the_even_multiple() {
        check((70, 70), (56, 56));
        check((98, 98), (112, 112));
    }

    #[test]
    fn an_area_outside_the_bounds_is_brought_inside() {
        check((1, 1), (56, 56));
        check((10, 100), (28, 196));
        check((4000, 3000), (1148, 840));
    }

    #[test]
    fn an_extreme_aspect_ratio_is_refused_with_its_sides() {
        let error = smart_resize(2010, 10, BOUNDS).unwrap_err();
        assert!(error.to_string().contains("2010×10"), "{error}");
    }
}
