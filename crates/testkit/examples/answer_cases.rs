//! Writes pairs of answers whose truth is known, one JSON object a line, to the standard output:
//! `cargo run -p gradus-testkit --example answer_cases -- SEED COUNT`.

use std::io::{self, BufWriter, Write};

use gradus_testkit::answer_cases;

fn main() -> io::Result<()> {
    let numbers: Vec<u64> = std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    let &[seed, num_cases] = numbers.as_slice() else {
        return Err(io::Error::other("give a seed and a count"));
    };
    let mut output = BufWriter::new(io::stdout().lock());
    for case in answer_cases(seed, usize::try_from(num_cases).unwrap_or(usize::MAX)) {
        writeln!(output, "{}", case.record())?;
    }
    output.flush()
}
