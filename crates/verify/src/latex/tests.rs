//! What answers are read as, in the words of the printer.

use super::{MAX_BYTES, Notation, ParseError, parse};

mod answers;
mod robust;

/// Checks that a source is read as what is printed so.
fn check(source: &str, printed: &str) {
    check_in(&Notation::reward(), source, printed);
}

fn check_in(notation: &Notation, source: &str, printed: &str) {
    match parse(source, notation) {
        Ok(expression) => assert_eq!(expression.to_string(), printed, "{source}"),
        Err(error) => panic!("{source}: {error}"),
    }
}
