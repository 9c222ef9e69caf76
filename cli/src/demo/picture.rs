//! Pictures on a terminal: two pixels a character, by half blocks in 24-bit colour.

use std::fmt::Write;

use image::{RgbImage, imageops::FilterType};

/// Renders a picture `columns` characters wide and half as many lines high.
pub fn render(picture: &RgbImage, columns: u32) -> Vec<String> {
    let side = columns.max(2) & !1;
    let small = image::imageops::resize(picture, side, side, FilterType::Triangle);
    (0..side / 2).map(|line| render_line(&small, line)).collect()
}

/// Renders pixel rows `2 * line` (as the characters' foreground) and `2 * line + 1` (as their background).
fn render_line(picture: &RgbImage, line: u32) -> String {
    let mut text = String::new();
    for column in 0..picture.width() {
        let [red, green, blue] = picture.get_pixel(column, 2 * line).0;
        // Writing to a string cannot fail.
        let _ = write!(text, "\x1b[38;2;{red};{green};{blue}m");
        let [red, green, blue] = picture.get_pixel(column, 2 * line + 1).0;
        let _ = write!(text, "\x1b[48;2;{red};{green};{blue}m\u{2580}");
    }
    text.push_str("\x1b[0m");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_takes_half_as_many_lines_as_columns() {
        let lines = render(&RgbImage::new(84, 84), 24);
        assert_eq!(lines.len(), 12);
        assert!(lines.iter().all(|line| line.matches('\u{2580}').count() == 24));
    }

    #[test]
    fn upper_and_lower_pixels_keep_their_colours() {
        let mut picture = RgbImage::new(2, 2);
        picture.put_pixel(0, 0, image::Rgb([255, 0, 0]));
        let lines = render(&picture, 2);
        assert!(lines[0].starts_with("\x1b[38;2;255;0;0m\x1b[48;2;0;0;0m\u{2580}"));
    }
}
