//! `actions`: a list of moves, replayed in a level of Sokoban.
//!
//! The level is the fact `level`, or else the reference answer: rows of `#` wall, `.` target, `$` box, `*` box on target, `@` player, `+` player on target and blanks (or
//! `-`, `_`), parted by line breaks or `|`. Moves are `up`, `down`, `left`, `right`, their initials, or arrows. A blocked move costs its step and changes nothing.
//! Parameters: `by` (`solved`, the default: 1 once all boxes stand on targets; `valid`: 1 if there are moves and nothing but moves; `best`: the highest sum on the way, from 0:
//! -0.1 a move, +1 a box onto a target, -1 a box off one, +10 when solved, where it stops; `length`: LMM-R1's bonus for the number of moves); `max_moves` that are replayed (512;
//! LMM-R1 has 50).

use gradus_types::RewardSpec;

use super::{Grade, Made, Measure, refuse_gold};
use crate::{Fault, parameters::Parameters};

/// The most rows and columns of a level.
const MAX_SIDE: usize = 64;

/// The most moves that are read.
const MAX_READ: usize = 4_096;

/// The longest run of moves whose repetition is looked for, and how often it may repeat.
const MAX_PERIOD: usize = 5;
const MAX_REPEATS: usize = 7;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Move {
    Up,
    Down,
    Left,
    Right,
}

#[derive(Clone, Copy, Debug)]
enum By {
    Solved,
    Valid,
    Best,
    Length,
}

const WAYS: [(&str, By); 4] =
    [("solved", By::Solved), ("valid", By::Valid), ("best", By::Best), ("length", By::Length)];

#[derive(Debug)]
struct Actions {
    level: Option<Level>,
    by: By,
    max_moves: usize,
}

#[derive(Clone, Debug)]
struct Level {
    width: usize,
    is_wall: Vec<bool>,
    is_target: Vec<bool>,
    has_box: Vec<bool>,
    player: usize,
}

/// Makes an `actions` measure.
pub fn make(parameters: &mut Parameters<'_>, spec: &RewardSpec) -> Made {
    let by = parameters.word("by", &WAYS, By::Solved);
    let max_moves = parameters.count("max_moves", (1, 512), 512) as usize;
    if matches!(by, By::Valid | By::Length) {
        return Some(Box::new(Actions { level: None, by, max_moves }));
    }
    let written = spec.facts.get("level").and_then(serde_json::Value::as_str).or(spec.gold.as_deref());
    let Some(written) = written else {
        parameters.fault(Fault::NoGold { component: parameters.component() });
        return None;
    };
    match Level::read(written) {
        Some(level) => Some(Box::new(Actions { level: Some(level), by, max_moves })),
        None => refuse_gold(parameters, written, "it is no level of at most 64 by 64 with one player and a box"),
    }
}

// === impl Move ===

impl Move {
    fn read(word: &str) -> Option<Self> {
        Some(match word.to_ascii_lowercase().as_str() {
            "up" | "u" | "↑" => Self::Up,
            "down" | "d" | "↓" => Self::Down,
            "left" | "l" | "←" => Self::Left,
            "right" | "r" | "→" => Self::Right,
            _ => return None,
        })
    }

    /// Reads moves between commas, white space or arrows; nothing where anything else stands among them.
    fn all(text: &str) -> Option<Vec<Self>> {
        let text = text.trim_matches(['[', ']', '(', ')', '.', ' ', '\n']).replace("->", ",");
        let words = text.split([',', ';', '\n', ' ', '\t', '"', '\'']).map(str::trim).filter(|word| !word.is_empty());
        let moves: Vec<Self> = words.take(MAX_READ).map(Self::read).collect::<Option<_>>()?;
        (!moves.is_empty()).then_some(moves)
    }
}

// === impl Level ===

impl Level {
    fn read(text: &str) -> Option<Self> {
        let rows: Vec<&str> = text.split(['\n', '|']).map(str::trim_end).filter(|row| !row.is_empty()).collect();
        let width = rows.iter().map(|row| row.chars().count()).max()?;
        if rows.len() > MAX_SIDE || width > MAX_SIDE {
            return None;
        }
        // What is outside the drawing is wall, so that no move leaves it.
        let size = (width + 2) * (rows.len() + 2);
        let mut level = Self {
            width: width + 2,
            is_wall: vec![true; size],
            is_target: vec![false; size],
            has_box: vec![false; size],
            player: 0,
        };
        for (row, line) in rows.iter().enumerate() {
            for (column, mark) in line.chars().enumerate() {
                level.place((row + 1) * (width + 2) + column + 1, mark)?;
            }
        }
        (level.player > 0 && level.has_box.contains(&true)).then_some(level)
    }

    fn place(&mut self, at: usize, mark: char) -> Option<()> {
        self.is_wall[at] = mark == '#';
        self.is_target[at] = matches!(mark, '.' | '*' | '+');
        self.has_box[at] = matches!(mark, '$' | '*');
        match mark {
            '@' | '+' if self.player > 0 => None,
            '@' | '+' => {
                self.player = at;
                Some(())
            }
            '#' | '.' | '*' | '$' | ' ' | '-' | '_' => Some(()),
            _ => None,
        }
    }

    fn is_solved(&self) -> bool {
        self.has_box.iter().zip(&self.is_target).all(|(has_box, is_target)| !has_box || *is_target)
    }

    fn neighbour(&self, at: usize, direction: Move) -> usize {
        match direction {
            Move::Up => at - self.width,
            Move::Down => at + self.width,
            Move::Left => at - 1,
            Move::Right => at + 1,
        }
    }

    /// Makes a move and returns what it earns.
    fn step(&mut self, direction: Move) -> f64 {
        const STEP: f64 = -0.1;
        let to = self.neighbour(self.player, direction);
        if self.is_wall[to] {
            return STEP;
        }
        if !self.has_box[to] {
            self.player = to;
            return STEP;
        }
        let beyond = self.neighbour(to, direction);
        if self.is_wall[beyond] || self.has_box[beyond] {
            return STEP;
        }
        (self.has_box[to], self.has_box[beyond], self.player) = (false, true, to);
        let moved = f64::from(i8::from(self.is_target[beyond]) - i8::from(self.is_target[to]));
        STEP + moved + if self.is_solved() { 10.0 } else { 0.0 }
    }
}

/// Returns LMM-R1's bonus for a number of moves, with its penalty for moves that go round in circles.
fn length_bonus(moves: &[Move]) -> f64 {
    let count = moves.len() as f64;
    let bonus = if count < 20.0 { 0.05 * count } else { 1.0 - 0.2 * ((count - 20.0) / 30.0).powi(2) };
    let is_circling = (1..=MAX_PERIOD).any(|period| repeats(moves, period) > MAX_REPEATS);
    if is_circling { (bonus - 0.2).min(0.0) } else { bonus }
}

/// Returns how often in a row a run of moves of one length stands at most.
fn repeats(moves: &[Move], period: usize) -> usize {
    let (mut most, mut run) = (usize::from(moves.len() >= period), 0);
    for (early, late) in moves.iter().zip(moves.iter().skip(period)) {
        run = if early == late { run + 1 } else { 0 };
        most = most.max(run / period + 1);
    }
    most
}

// === impl Actions ===

impl Actions {
    /// Replays moves; returns the highest sum on the way, from 0, and whether the level was solved.
    fn replay(&self, mut level: Level, moves: &[Move]) -> (f64, bool) {
        let (mut sum, mut best) = (0.0, 0.0f64);
        let mut is_solved = level.is_solved();
        for direction in moves.iter().take(self.max_moves) {
            if is_solved {
                break;
            }
            sum += level.step(*direction);
            best = best.max(sum);
            is_solved = level.is_solved();
        }
        (best, is_solved)
    }
}

impl Measure for Actions {
    fn grade(&self, answer: &str) -> Grade {
        let Some(moves) = Move::all(answer) else { return Grade::new(0.0, "it is no list of moves alone") };
        let reason = format!("it is {} moves", moves.len());
        match (self.by, &self.level) {
            (By::Length, _) => Grade::new(length_bonus(&moves), reason),
            (By::Best, Some(level)) => Grade::new(self.replay(level.clone(), &moves).0, reason),
            (By::Solved, Some(level)) => Grade::of(self.replay(level.clone(), &moves).1, reason),
            _ => Grade::of(true, reason),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEVEL: &str = "#####\n#@$.#\n#####";

    fn grade(by: By, level: &str, max_moves: usize, answer: &str) -> f64 {
        Actions { level: Level::read(level), by, max_moves }.grade(answer).value
    }

    #[test]
    fn moves_are_read_in_every_writing_and_nothing_else() {
        for (text, expected) in [
            ("Up, Down,left , RIGHT", Some(4)),
            ("U D L R", Some(4)),
            ("↑ → up", Some(3)),
            ("[\"up\", \"up\"]", Some(2)),
            ("up -> left.", Some(2)),
            ("up, jump", None),
            ("", None),
        ] {
            assert_eq!(Move::all(text).map(|moves| moves.len()), expected, "{text}");
        }
    }

    #[test]
    fn a_solved_level_earns_its_box_and_its_end_less_the_steps() {
        assert_eq!(grade(By::Solved, LEVEL, 512, "right"), 1.0);
        assert_eq!(grade(By::Best, LEVEL, 512, "right"), 10.9);
        // Walking into walls first costs two steps; what comes after the end is not replayed.
        assert!((grade(By::Best, LEVEL, 512, "up, left, right, left") - 10.7).abs() < 1e-12);
        assert_eq!(grade(By::Best, LEVEL, 512, "left, up"), 0.0);
        assert_eq!(grade(By::Solved, LEVEL, 2, "up, up, right"), 0.0);
        assert_eq!(grade(By::Solved, LEVEL, 512, "right, jump"), 0.0);
    }

    #[test]
    fn boxes_stop_at_walls_and_at_each_other() {
        let two = "#@$$.#|#---.#";
        assert_eq!(grade(By::Best, two, 512, "right, right"), 0.0);
        // Off a target and onto it again: -1 and +1, less three steps on the way back.
        let off = "#-@*-.#|#-$---#";
        assert_eq!(grade(By::Best, off, 512, "right"), 0.0);
        assert_eq!(Level::read("#@@$#").map(|level| level.width), None);
        assert_eq!(Level::read("#@#").map(|level| level.width), None);
        assert_eq!(Level::read(&"#".repeat(65)).map(|level| level.width), None);
        // A level without walls around it has none to fall out of.
        assert_eq!(grade(By::Best, "@$", 512, "left, up, down, right"), 0.0);
    }

    #[test]
    fn the_bonus_for_moves_peaks_at_twenty_and_circles_lose_it() {
        let moves = |text: &str| Move::all(text).unwrap();
        let mixed = moves("u r d l l u r r d d l u");
        assert!((length_bonus(&mixed) - 0.6).abs() < 1e-12);
        assert_eq!(repeats(&moves("u d u d u d"), 2), 3);
        assert_eq!(repeats(&moves("u u u"), 1), 3);
        assert_eq!(repeats(&moves("u d"), 1), 1);
        assert_eq!(length_bonus(&moves(&"u ".repeat(8))), 0.0);
        assert!((length_bonus(&moves(&"u ".repeat(7))) - 0.35).abs() < 1e-12);
        assert!((length_bonus(&moves(&"u d ".repeat(8))) - 0.0).abs() < 1e-12);
        let fifty: String = (0..50).map(|step| ["u ", "d ", "l ", "r ", "l ", "u ", "u "][step * step % 7]).collect();
        assert!(length_bonus(&moves(&fifty)) <= 1.0);
    }
}
