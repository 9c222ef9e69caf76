//! Reads answers, one a line of standard input as a JSON string, and prints what each is read as.
#![allow(clippy::print_stdout)]

use std::{
    io::{self, BufRead},
    time::Instant,
};

use gradus_verify::latex::{self, Notation};

fn main() -> io::Result<()> {
    let lines: Vec<String> = io::stdin().lock().lines().collect::<Result<_, _>>()?;
    let sources: Vec<String> = lines.iter().map(|line| serde_json::from_str(line)).collect::<Result<_, _>>()?;
    for source in &sources {
        match latex::parse(source, &Notation::reward()) {
            Ok(expression) => println!("{source:?}\n    {expression}"),
            Err(error) => println!("{source:?}\n    ERROR {error}"),
        }
    }
    let started = Instant::now();
    let mut read = 0;
    for _ in 0..20 {
        read += sources.iter().filter(|source| latex::parse(source, &Notation::reward()).is_ok()).count();
    }
    println!("{} of {} in {:?} each", read / 20, sources.len(), started.elapsed() / (20 * sources.len() as u32).max(1));
    Ok(())
}
