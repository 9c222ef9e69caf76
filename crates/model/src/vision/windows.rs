//! Attention windows: which merge units of an image attend to one another, in the order the tower computes them.

/// The window layout of one image or of several in sequence, counted in merge units.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Windows {
    /// The row-major unit at each place of the windowed order.
    pub order: Vec<i64>,
    /// Units in each window, in the windowed order; windows at the edges are smaller.
    pub sizes: Vec<i64>,
}

impl Windows {
    /// Appends an image: `[time, height, width]` in merge units, cut into squares of `side` units, frame by frame and row-major;
    /// inside a window units are row-major too.
    pub(super) fn push_image(&mut self, [time, height, width]: [i64; 3], side: i64) {
        let first = self.order.len() as i64;
        for frame in 0..time {
            for top in (0..height).step_by(side as usize) {
                for left in (0..width).step_by(side as usize) {
                    let (bottom, right) = ((top + side).min(height), (left + side).min(width));
                    for row in top..bottom {
                        let unit = |column| first + (frame * height + row) * width + column;
                        self.order.extend((left..right).map(unit));
                    }
                    self.sizes.push((bottom - top) * (right - left));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Windows;

    #[test]
    fn an_image_of_odd_size_has_smaller_windows_at_its_edges() {
        let mut windows = Windows::default();
        windows.push_image([1, 3, 3], 2);
        assert_eq!(windows.order, [0, 1, 3, 4, 2, 5, 6, 7, 8]);
        assert_eq!(windows.sizes, [4, 2, 2, 1]);
    }

    #[test]
    fn images_and_frames_follow_one_another() {
        let mut windows = Windows::default();
        windows.push_image([2, 1, 2], 4);
        windows.push_image([1, 1, 1], 4);
        assert_eq!(windows.order, [0, 1, 2, 3, 4]);
        assert_eq!(windows.sizes, [2, 2, 1]);
    }
}
