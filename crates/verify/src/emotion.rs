//! The emotions of DFEW and MAFW, by which training and evaluation read the same words alike.

/// The labels, and the words that data sets and models use for them.
pub const EMOTIONS: [(&str, &[&str]); 11] = [
    ("happy", &["happiness", "joy", "joyful"]),
    ("surprise", &["surprised"]),
    ("neutral", &["neutrality"]),
    ("angry", &["anger"]),
    ("disgust", &["disgusted"]),
    ("sad", &["sadness"]),
    ("fear", &["fearful"]),
    ("contemptuous", &["contempt"]),
    ("disappointed", &["disappointment"]),
    ("helpless", &["helplessness"]),
    ("anxious", &["anxiety"]),
];

/// Returns the label that a word, in lower case, stands for.
#[must_use]
pub fn label(word: &str) -> Option<&'static str> {
    let is_named = |(label, words): &&(&str, &[&str])| *label == word || words.contains(&word);
    EMOTIONS.iter().find(is_named).map(|(label, _)| *label)
}
