//! Slips of the pen: what somebody may have meant by a name that does not exist.

/// How alike two names must be, from 0 to 1, for one to be a slip of the other.
const ALIKE: f64 = 0.75;

/// Returns the candidate most like `word` by Jaro-Winkler's measure, where one is alike enough to be a slip of the pen.
#[must_use]
pub fn near_miss<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(word, candidate), candidate))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_told_from_another_word() {
        let candidates = ["temperature", "top_p", "max_new_tokens"];
        assert_eq!(near_miss("temprature", candidates), Some("temperature"));
        assert_eq!(near_miss("beta", candidates), None);
    }
}
