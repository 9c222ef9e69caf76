//! A dot-matrix font of the ten digits, 5 dots wide and 7 high.

use crate::canvas::Point;

/// The height of every digit in dots.
pub(crate) const HEIGHT: i64 = 7;
/// The width of every digit in dots.
const WIDTH: i64 = 5;
/// The distance from the start of one digit to the start of the next, in dots.
const ADVANCE: i64 = WIDTH + 1;

/// One row of five dots a byte, the leftmost in bit 4.
const FONT: [[u8; HEIGHT as usize]; 10] = [
    [0b01110, 0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b01110],
    [0b00100, 0b01100, 0b00100, 0b00100, 0b00100, 0b00100, 0b01110],
    [0b01110, 0b10001, 0b00001, 0b00110, 0b01000, 0b10000, 0b11111],
    [0b11110, 0b00001, 0b00001, 0b01110, 0b00001, 0b00001, 0b11110],
    [0b00010, 0b00110, 0b01010, 0b10010, 0b11111, 0b00010, 0b00010],
    [0b11111, 0b10000, 0b11110, 0b00001, 0b00001, 0b10001, 0b01110],
    [0b00110, 0b01000, 0b10000, 0b11110, 0b10001, 0b10001, 0b01110],
    [0b11111, 0b00001, 0b00010, 0b00100, 0b01000, 0b01000, 0b01000],
    [0b01110, 0b10001, 0b10001, 0b01110, 0b10001, 0b10001, 0b01110],
    [0b01110, 0b10001, 0b10001, 0b01111, 0b00001, 0b00010, 0b01100],
];

/// Returns the width of a text of digits in dots.
pub(crate) fn text_width(text: &str) -> i64 {
    text.len() as i64 * ADVANCE - 1
}

/// Lists the dots of a text of digits, from its top left corner.
pub(crate) fn dots(text: &str) -> impl Iterator<Item = Point> {
    text.bytes().enumerate().flat_map(|(position, digit)| {
        let rows = FONT[usize::from(digit - b'0')];
        let left = position as i64 * ADVANCE;
        (0..HEIGHT * WIDTH).filter_map(move |cell| {
            let (row, column) = (cell / WIDTH, cell % WIDTH);
            let is_set = rows[row as usize] >> (WIDTH - 1 - column) & 1 == 1;
            is_set.then_some(Point::new(left + column, row))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_one_is_drawn_as_a_one() {
        let mut rows = vec![String::new(); HEIGHT as usize];
        let dots: Vec<Point> = dots("1").collect();
        for (y, row) in rows.iter_mut().enumerate() {
            row.extend((0..WIDTH).map(|x| if dots.contains(&Point::new(x, y as i64)) { '#' } else { '.' }));
        }
        assert_eq!(rows.join("\n"), "..#..\n.##..\n..#..\n..#..\n..#..\n..#..\n.###.");
    }

    #[test]
    fn digits_stand_next_to_each_other_without_touching() {
        assert_eq!(text_width("10"), 11);
        assert!(dots("10").all(|at| at.x != 5));
    }
}
