//! The characters beyond ASCII that stand for what a command or an ASCII sign says.

use super::token::{Fence, Kind};
use crate::expression::{Constant, Operator};

/// What a character is to the lexer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Meaning {
    /// A token.
    Token(Kind),
    /// A digit, also a wide one.
    Digit,
    /// A raised or lowered character, and what it is at full height.
    Shifted(Height, char),
    /// White space.
    Space,
    /// A thin space, which may stand in a number.
    ThinSpace,
    /// Nothing.
    Nothing,
    /// A letter of a word.
    Letter,
}

/// Where a character stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Height {
    /// An exponent.
    Raised,
    /// An index.
    Lowered,
}

/// Returns the value of a digit, of whichever width and height.
pub fn digit(character: char) -> Option<char> {
    match character {
        '0'..='9' => Some(character),
        '０'..='９' => shifted_by(character, '０', '0'),
        '₀'..='₉' => shifted_by(character, '₀', '0'),
        '⁰' | '⁴'..='⁹' => shifted_by(character, '⁰', '0'),
        '¹' => Some('1'),
        '²' => Some('2'),
        '³' => Some('3'),
        _ => None,
    }
}

/// Returns what a character beyond ASCII means.
pub fn meaning(character: char) -> Meaning {
    if let Some(meaning) = space(character).or_else(|| shifted(character)) {
        return meaning;
    }
    if let Some(kind) =
        greek(character).or_else(|| fraction(character)).or_else(|| operator(character)).or_else(|| fence(character))
    {
        return Meaning::Token(kind);
    }
    match character {
        '０'..='９' => Meaning::Digit,
        _ if character.is_alphabetic() => Meaning::Letter,
        _ if character.is_control() => Meaning::Nothing,
        _ => Meaning::Token(Kind::Unknown),
    }
}

fn shifted_by(character: char, from: char, to: char) -> Option<char> {
    char::from_u32(u32::from(character).wrapping_sub(u32::from(from)).wrapping_add(u32::from(to)))
}

fn space(character: char) -> Option<Meaning> {
    match character {
        '\u{2009}' | '\u{200a}' | '\u{202f}' => Some(Meaning::ThinSpace),
        '\u{200b}'..='\u{200f}'
        | '\u{2060}'..='\u{2064}'
        | '\u{300}'..='\u{36f}'
        | '\u{feff}'
        | '\u{ad}'
        | '\u{fe0e}'
        | '\u{fe0f}' => Some(Meaning::Nothing),
        '“' | '”' | '‘' | '„' | '«' | '»' => Some(Meaning::Nothing),
        _ if character.is_whitespace() => Some(Meaning::Space),
        _ => None,
    }
}

fn shifted(character: char) -> Option<Meaning> {
    let raised = match character {
        '⁺' => '+',
        '⁻' => '-',
        '⁽' => '(',
        '⁾' => ')',
        'ⁿ' => 'n',
        'ⁱ' => 'i',
        'ˣ' => 'x',
        'ᵗ' => 't',
        'ᵏ' => 'k',
        'ᵐ' => 'm',
        'ᵃ' => 'a',
        'ᵇ' => 'b',
        '⁄' => return None,
        '⁰' | '¹' | '²' | '³' | '⁴'..='⁹' => digit(character)?,
        _ => return lowered(character).map(|full| Meaning::Shifted(Height::Lowered, full)),
    };
    Some(Meaning::Shifted(Height::Raised, raised))
}

fn lowered(character: char) -> Option<char> {
    match character {
        '₊' => Some('+'),
        '₋' => Some('-'),
        'ₙ' => Some('n'),
        'ₘ' => Some('m'),
        'ₖ' => Some('k'),
        'ᵢ' => Some('i'),
        'ⱼ' => Some('j'),
        'ₓ' => Some('x'),
        'ₐ' => Some('a'),
        'ₜ' => Some('t'),
        '₀'..='₉' => digit(character),
        _ => None,
    }
}

fn greek(character: char) -> Option<Kind> {
    const LOWER: [&str; 25] = [
        "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu",
        "xi", "o", "pi", "rho", "sigma", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega",
    ];
    const UPPER: [&str; 25] = [
        "A", "B", "Gamma", "Delta", "E", "Z", "H", "Theta", "I", "K", "Lambda", "M", "N", "Xi", "O", "Pi", "P", "",
        "Sigma", "T", "Upsilon", "Phi", "X", "Psi", "Omega",
    ];
    let name = match character {
        'π' => return Some(Kind::Constant(Constant::Pi)),
        'α'..='ω' => LOWER.get((u32::from(character) - u32::from('α')) as usize)?,
        'Α'..='Ω' => UPPER.get((u32::from(character) - u32::from('Α')) as usize)?,
        'ϵ' | 'Ɛ' | 'ɛ' => "epsilon",
        'ϕ' => "phi",
        'ϑ' => "theta",
        'µ' => "mu",
        'ℓ' => "ell",
        'ħ' => "hbar",
        '∂' => "partial",
        '∇' => "nabla",
        '△' => "triangle",
        '∠' => "angle",
        '⊤' => "top",
        '⊥' => return Some(Kind::Relation(Operator::Related)),
        _ => return None,
    };
    Some(Kind::Name(name))
}

fn fraction(character: char) -> Option<Kind> {
    let (numerator, denominator) = match character {
        '½' => (1, 2),
        '⅓' => (1, 3),
        '⅔' => (2, 3),
        '¼' => (1, 4),
        '¾' => (3, 4),
        '⅕' => (1, 5),
        '⅖' => (2, 5),
        '⅗' => (3, 5),
        '⅘' => (4, 5),
        '⅙' => (1, 6),
        '⅚' => (5, 6),
        '⅐' => (1, 7),
        '⅛' => (1, 8),
        '⅜' => (3, 8),
        '⅝' => (5, 8),
        '⅞' => (7, 8),
        '⅑' => (1, 9),
        '⅒' => (1, 10),
        _ => return None,
    };
    Some(Kind::Fraction(numerator, denominator))
}

fn operator(character: char) -> Option<Kind> {
    Some(match character {
        '＋' => Kind::Plus,
        '−' | '–' | '—' | '‐' | '‑' | '‒' | '―' | '﹣' | '－' => Kind::Minus,
        '×' | '·' | '⋅' | '∙' | '•' | '∗' | '＊' | '✕' | '⨯' => Kind::Times,
        '÷' | '∕' | '⁄' | '／' => Kind::Divide,
        '±' => Kind::PlusMinus,
        '∓' => Kind::MinusPlus,
        '√' => Kind::Root(2),
        '∛' => Kind::Root(3),
        '∜' => Kind::Root(4),
        '∑' => Kind::Big(Operator::Sum),
        '∏' => Kind::Big(Operator::Product),
        '∫' => Kind::Big(Operator::Integral),
        '⋃' => Kind::Big(Operator::UnionOver),
        '⋂' => Kind::Big(Operator::IntersectionOver),
        '∞' => Kind::Constant(Constant::Infinity),
        '∅' | 'Ø' | '⌀' => Kind::Constant(Constant::EmptySet),
        'ℕ' => Kind::Constant(Constant::Naturals),
        'ℤ' => Kind::Constant(Constant::Integers),
        'ℚ' => Kind::Constant(Constant::Rationals),
        'ℝ' => Kind::Constant(Constant::Reals),
        'ℂ' => Kind::Constant(Constant::Complexes),
        '＝' => Kind::Relation(Operator::Equal),
        '≠' => Kind::Relation(Operator::NotEqual),
        '＜' => Kind::Relation(Operator::Less),
        '＞' => Kind::Relation(Operator::Greater),
        '≤' | '⩽' | '≦' => Kind::Relation(Operator::LessEqual),
        '≥' | '⩾' | '≧' => Kind::Relation(Operator::GreaterEqual),
        '≈' | '≅' | '≃' | '≒' => Kind::Relation(Operator::Approximate),
        '≡' | '∼' | '∝' | '∥' | '⊃' | '⊇' | '∋' => Kind::Relation(Operator::Related),
        '∈' => Kind::Relation(Operator::In),
        '∉' => Kind::Relation(Operator::NotIn),
        '⊂' | '⊆' | '⊊' => Kind::Relation(Operator::Subset),
        '→' | '⇒' | '⟹' | '⟶' | '⇔' | '↔' | '⟺' | '↦' | '∴' => Kind::Arrow,
        '∪' => Kind::Union,
        '∩' => Kind::Intersection,
        '∖' | '＼' | '⧵' => Kind::Without,
        '∧' => Kind::And,
        '∨' => Kind::Or,
        '¬' => Kind::Not,
        '°' | '∘' | 'º' | '˚' => Kind::Circle,
        '′' | '’' | 'ʹ' => Kind::Prime(1),
        '″' | 'ʺ' => Kind::Prime(2),
        '…' | '⋯' => Kind::Ellipsis,
        '％' | '﹪' => Kind::Percent,
        '！' => Kind::Bang,
        '，' | '、' | '､' => Kind::Comma,
        '；' => Kind::Semicolon,
        '：' | '∶' => Kind::Colon,
        '。' | '．' | '｡' => Kind::Point,
        '∣' | '｜' => Kind::Bar,
        '‖' => Kind::DoubleBar,
        '€' | '£' | '¥' | '￥' | '₹' | '₽' | '₩' | '¢' => Kind::Currency,
        _ => return None,
    })
}

fn fence(character: char) -> Option<Kind> {
    Some(match character {
        '（' | '﹙' => Kind::Open(Fence::Round),
        '）' | '﹚' => Kind::Close(Fence::Round),
        '［' | '【' => Kind::Open(Fence::Square),
        '］' | '】' => Kind::Close(Fence::Square),
        '｛' => Kind::Open(Fence::Brace),
        '｝' => Kind::Close(Fence::Brace),
        '⟨' | '〈' => Kind::Open(Fence::Angle),
        '⟩' | '〉' => Kind::Close(Fence::Angle),
        '⌊' => Kind::Open(Fence::Floor),
        '⌋' => Kind::Close(Fence::Floor),
        '⌈' => Kind::Open(Fence::Ceiling),
        '⌉' => Kind::Close(Fence::Ceiling),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_of_every_width_and_height_have_their_value() {
        for (text, expected) in [("0９₅⁷", "0957"), ("¹²³⁴⁰", "12340")] {
            assert_eq!(text.chars().filter_map(digit).collect::<String>(), expected);
        }
        assert_eq!(digit('x'), None);
    }

    #[test]
    fn characters_mean_what_their_commands_mean() {
        for (character, expected) in [
            ('π', Meaning::Token(Kind::Constant(Constant::Pi))),
            ('ω', Meaning::Token(Kind::Name("omega"))),
            ('Ω', Meaning::Token(Kind::Name("Omega"))),
            ('−', Meaning::Token(Kind::Minus)),
            ('²', Meaning::Shifted(Height::Raised, '2')),
            ('₁', Meaning::Shifted(Height::Lowered, '1')),
            ('½', Meaning::Token(Kind::Fraction(1, 2))),
            ('é', Meaning::Letter),
            ('斤', Meaning::Letter),
            ('\u{2009}', Meaning::ThinSpace),
            ('☃', Meaning::Token(Kind::Unknown)),
        ] {
            assert_eq!(meaning(character), expected, "{character}");
        }
    }
}
