//! Option letters in running text: `B`, `(B)`, `B)`, `**B**`, `option B`.

use std::ops::Range;

use super::word::is_of_other_script;

/// Words that may stand between an announcement and the letter.
const WORDS_BEFORE: [&str; 8] = ["option", "choice", "letter", "answer", "the", "选项", "选", "選"];

/// Returns the letter that stands at a position or behind what may precede one there.
pub fn at(text: &str, position: usize) -> Option<Range<usize>> {
    let mut start = position;
    loop {
        let tail = text[start..]
            .trim_start_matches(|character: char| character.is_whitespace() || "*_\"'“`".contains(character));
        start = text.len() - tail.len();
        let Some(word) = WORDS_BEFORE.iter().find(|word| begins_with(tail, word)) else { break };
        start += word.len();
    }
    let is_enclosed = text[start..].starts_with(['(', '[', '（', '【']);
    start += if is_enclosed { text[start..].chars().next().map_or(0, char::len_utf8) } else { 0 };
    let letter = start..start + 1;
    let first = text.as_bytes().get(start)?;
    let rest = text.get(letter.end..)?;
    let is_marked = rest.starts_with([')', ']', '）', '】']) || is_enclosed;
    let is_known = matches!(first, b'A'..=b'J') || matches!(first, b'a'..=b'j') && is_marked;
    (is_known && ends(rest, *first, is_marked)).then_some(letter)
}

/// Returns the letter that stands alone behind a character, if it is not part of a formula or a sentence.
pub fn behind(text: &str, prefix: char, position: usize) -> Option<Range<usize>> {
    let is_near = text.as_bytes().get(position + prefix.len_utf8()).is_some_and(|next| (b'A'..=b'J').contains(next));
    let is_prefix =
        is_near && (prefix.is_whitespace() || "(（[【*\"'“`>:：".contains(prefix) || is_of_other_script(prefix));
    let letter = position + prefix.len_utf8()..position + prefix.len_utf8() + 1;
    let first = text.as_bytes().get(letter.start).filter(|_| is_prefix)?;
    let is_marked = "(（[【".contains(prefix);
    let before = text[..position].trim_end().chars().next_back();
    let is_operand = prefix.is_whitespace() && before.is_some_and(|before| "=+-/^<>×".contains(before));
    let rest = text.get(letter.end..)?;
    (!is_operand && ends(rest, *first, is_marked)).then_some(letter)
}

/// Returns the letter that a whole answer is, in a box for example.
pub fn whole(text: &str, span: Range<usize>) -> Option<Range<usize>> {
    const WRAPPERS: [&str; 6] = [r"\text{", r"\textbf{", r"\mathrm{", r"\mathbf{", r"\mathit{", r"\mbox{"];
    const MARKS: &str = "()[]{}*\"'`.,:;$ （）【】。";
    let mut content = &text[span.clone()];
    loop {
        let inner = content.trim_matches(|character: char| character.is_whitespace() || MARKS.contains(character));
        let inner = WRAPPERS.iter().find_map(|wrapper| inner.strip_prefix(wrapper)).unwrap_or(inner);
        if inner.len() == content.len() {
            break;
        }
        content = inner;
    }
    let is_marked = text[span.clone()].contains('(') || text[span.clone()].contains(r"\text");
    let is_letter = |byte: u8| matches!(byte, b'A'..=b'J') || is_marked && matches!(byte, b'a'..=b'j');
    let is_alone = matches!(content.as_bytes(), [byte] if is_letter(*byte));
    // Nothing behind the letter is one.
    let start = span.start + text[span].rfind(content).filter(|_| is_alone)?;
    Some(start..start + 1)
}

/// Tells whether a letter ends where the rest of a text begins.
fn ends(rest: &str, letter: u8, is_marked: bool) -> bool {
    let Some(next) = rest.chars().next() else { return true };
    if is_marked {
        return ")]）】".contains(next);
    }
    let after = rest.trim_start();
    let is_formula = after.starts_with(|next: char| "=+-/^_×<>|".contains(next)) && !after.starts_with("</");
    // `A` and `I` are words of English too, and `A dog` is no choice.
    let is_word =
        matches!(letter, b'A' | b'I') && next == ' ' && after.starts_with(|next: char| next.is_ascii_lowercase());
    let is_end = next.is_whitespace() || ".,:;)]!?<\"*`”_".contains(next) || is_of_other_script(next);
    is_end && !is_formula && !is_word
}

/// Tells whether a text begins with a word, in any case, that ends there.
fn begins_with(text: &str, word: &str) -> bool {
    let head = text.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word));
    head && !text[word.len()..].starts_with(|next: char| next.is_ascii_alphanumeric())
}
