//! Writes an answer otherwise, without saying anything else.

/// The commands whose argument is text, where spaces say something, or a name, which holds none.
const TEXT: [&str; 12] = [
    "\\text",
    "\\textbf",
    "\\textit",
    "\\textnormal",
    "\\textrm",
    "\\mbox",
    "\\mathrm",
    "\\mathbf",
    "\\operatorname",
    "\\begin",
    "\\end",
    "\\unit",
];

/// Writes a space between any two signs of an answer.
///
/// Not where a space says something: inside words and texts; inside numbers, where `1, 234` is a list and `2.5e - 3` a difference; between
/// a number and a letter, which is a factor in `5m` and may be a unit in `5 m`; inside signs of several characters, such as `<=` and
/// `...`, and names of programs, such as `np.sin`; between backslashes and what they stand before, as in `\{` and, where somebody escaped them, `\\frac`.
pub fn spaced(answer: &str) -> String {
    let mut spaced = String::new();
    for sign in signs(answer) {
        if !spaced.is_empty() {
            spaced.push(' ');
        }
        spaced.push_str(sign);
    }
    spaced
}

/// Writes `\left` and `\right` before the brackets of an answer.
///
/// Only before those that are a pair: in TeX, each `\left` needs its `\right` in the same group. Not before the brackets of an
/// argument, as in `\sqrt[3]{x}`, and not before what grows already.
pub fn grown(answer: &str) -> String {
    let signs = signs(answer);
    let mut opened: Vec<Option<usize>> = Vec::new();
    let mut partners = Vec::new();
    let mut before = "";
    for (index, &sign) in signs.iter().enumerate() {
        let is_argument = sign == "[" && (before == "\\sqrt" || before == "\\\\" || before.starts_with("\\begin"));
        let is_grown =
            ["\\left", "\\right", "\\middle"].contains(&before) || before.to_lowercase().starts_with("\\big");
        match sign {
            "(" | "[" | "\\{" if !is_argument && !is_grown => opened.push(Some(index)),
            "(" | "[" | "\\{" | "{" => opened.push(None),
            ")" | "]" | "\\}" | "}" => match opened.pop() {
                Some(Some(open)) if sign != "}" && !is_grown => partners.push((open, index)),
                _ => {}
            },
            _ => {}
        }
        before = sign;
    }
    let mut grown = String::new();
    let mut rest = answer;
    for (index, sign) in signs.into_iter().enumerate() {
        let (space, after) = rest.split_at(rest.find(sign).unwrap());
        grown.push_str(space);
        if partners.iter().any(|(open, _)| *open == index) {
            grown.push_str("\\left");
        }
        if partners.iter().any(|(_, close)| *close == index) {
            grown.push_str("\\right");
        }
        grown.push_str(sign);
        rest = &after[sign.len()..];
    }
    grown + rest
}

/// Splits an answer into its signs, without the spaces between them.
fn signs(answer: &str) -> Vec<&str> {
    let mut signs = Vec::new();
    let mut rest = answer.trim_start();
    while !rest.is_empty() {
        let (sign, after) = rest.split_at(first_len(rest));
        signs.push(sign);
        rest = after.trim_start();
    }
    signs
}

/// The length of the first sign.
fn first_len(text: &str) -> usize {
    let run = |is_in: fn(char) -> bool| text.find(|character| !is_in(character)).unwrap_or(text.len());
    let first = text.chars().next().unwrap();
    if first == '\\' {
        return command_len(text);
    }
    let follows = |is_in: fn(char) -> bool| text[first.len_utf8()..].starts_with(is_in);
    if first.is_alphanumeric() || first == '.' && follows(|next| next.is_ascii_digit()) {
        return alphanumeric_len(text);
    }
    if first == '"' && follows(|next| next.is_alphanumeric()) {
        return 1 + alphanumeric_len(&text[1..]);
    }
    if first == '.' {
        return run(|character| character == '.');
    }
    const REPEATED: &str = "<>=!*-|&'+";
    if REPEATED.contains(first) {
        return run(|character| REPEATED.contains(character));
    }
    first.len_utf8()
}

/// The length of a word, or of a number with its commas, its point, its exponent and what stands right behind it.
fn alphanumeric_len(text: &str) -> usize {
    const SEPARATORS: [&str; 8] = ["{,}", "\\!,\\!", ",\\!", "\\,", ",", ".", "e-", "E-"];
    let mut len = 0;
    loop {
        let rest = &text[len..];
        len += rest.find(|character: char| !character.is_alphanumeric()).unwrap_or(rest.len());
        let rest = &text[len - usize::from(text[..len].ends_with(['e', 'E']))..];
        let is_number = !text.starts_with(|first: char| first.is_alphabetic());
        let separator = SEPARATORS.iter().find(|separator| rest.starts_with(**separator));
        let Some(separator) = separator.filter(|separator| is_number || **separator == ".") else { return len };
        let behind = text.len() - rest.len() + separator.len();
        if !text[behind..].starts_with(|next: char| next.is_ascii_digit() || !is_number && next.is_alphabetic()) {
            return len;
        }
        len = behind;
    }
}

/// The length of a command, with its argument if that is text.
fn command_len(text: &str) -> usize {
    let behind = text.trim_start_matches('\\');
    let num_backslashes = text.len() - behind.len();
    let letters = behind.find(|character: char| !character.is_ascii_alphabetic()).unwrap_or(behind.len());
    if letters == 0 {
        let escaped = behind.chars().next().filter(|_| num_backslashes == 1);
        return num_backslashes + escaped.map_or(0, char::len_utf8);
    }
    let name = &text[..num_backslashes + letters];
    let after = text[name.len()..].trim_start();
    if !TEXT.contains(&name) || !after.starts_with('{') {
        return name.len();
    }
    let mut depth = 0;
    for (index, character) in after.char_indices() {
        depth += i32::from(character == '{') - i32::from(character == '}');
        if depth == 0 {
            return text.len() - after.len() + index + 1;
        }
    }
    text.len()
}
