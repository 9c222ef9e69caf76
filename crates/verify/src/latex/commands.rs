//! The LaTeX commands that mean something in an answer, and those that say only how it looks.

use super::token::{Accent, Fence, Kind};
use crate::expression::{Constant as C, Operator as O};

/// What a command is to the lexer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Command {
    /// A token.
    Token(Kind),
    /// Nothing: style, or a size.
    Style,
    /// Nothing, together with the group that follows, such as `\label{…}` and `\hspace{…}`.
    StyleWithArgument,
    /// White space.
    Space,
    /// No more than a thin space, which may stand in a number.
    ThinSpace,
    /// A text group follows.
    Text,
    /// A group of upright letters follows.
    Upright,
    /// A blackboard letter follows.
    Blackboard,
    /// The name of a function follows.
    OperatorName,
    /// A delimiter follows, `\left`.
    Left,
    /// A delimiter follows, `\right`.
    Right,
    /// A delimiter in the middle follows.
    Middle,
    /// An environment's name follows.
    Begin,
    /// An environment's name follows.
    End,
    /// A character's number follows.
    Character,
}

/// Returns what a command means, by its name without the backslash.
pub fn find(name: &str) -> Option<Command> {
    let index = COMMANDS.binary_search_by(|(known, _)| (*known).cmp(name)).ok()?;
    COMMANDS.get(index).map(|(_, command)| *command)
}

/// Returns the longest beginning of a name that is a command, and what it means: `\quadx` is `\quad x`.
pub fn find_prefix(name: &str) -> Option<(usize, Command)> {
    (2..name.len()).rev().find_map(|len| Some((len, find(name.get(..len)?)?)))
}

const fn token(kind: Kind) -> Command {
    Command::Token(kind)
}

const fn function(operator: O) -> Command {
    Command::Token(Kind::Function(operator))
}

const fn name(name: &'static str) -> Command {
    Command::Token(Kind::Name(name))
}

const fn relation(operator: O) -> Command {
    Command::Token(Kind::Relation(operator))
}

const fn constant(constant: C) -> Command {
    Command::Token(Kind::Constant(constant))
}

/// Every command that is known, by name in the order of its bytes.
#[rustfmt::skip]
static COMMANDS: &[(&str, Command)] = &[
    ("Arg", function(O::Argument)), ("Bbb", Command::Blackboard), ("Big", Command::Style), ("Bigg", Command::Style),
    ("Biggl", Command::Style), ("Biggm", Command::Style), ("Biggr", Command::Style), ("Bigl", Command::Style),
    ("Bigm", Command::Style), ("Bigr", Command::Style), ("Box", name("square")), ("C", constant(C::Complexes)),
    ("Complex", constant(C::Complexes)), ("Delta", name("Delta")), ("Gamma", name("Gamma")), ("Huge", Command::Style),
    ("Im", function(O::ImaginaryPart)), ("LARGE", Command::Style), ("Lambda", name("Lambda")),
    ("Large", Command::Style), ("Leftrightarrow", token(Kind::Arrow)), ("Longleftrightarrow", token(Kind::Arrow)),
    ("Longrightarrow", token(Kind::Arrow)), ("N", constant(C::Naturals)), ("Omega", name("Omega")),
    ("Phi", name("Phi")), ("Psi", name("Psi")), ("Q", constant(C::Rationals)), ("R", constant(C::Reals)),
    ("Re", function(O::RealPart)), ("Reals", constant(C::Reals)), ("Rightarrow", token(Kind::Arrow)),
    ("Sigma", name("Sigma")), ("Theta", name("Theta")), ("Tr", function(O::Trace)), ("Upsilon", name("Upsilon")),
    ("Vert", token(Kind::DoubleBar)), ("Xi", name("Xi")), ("Z", constant(C::Integers)), ("abs", function(O::Abs)),
    ("acosh", function(O::Arcosh)), ("acute", token(Kind::Accent(Accent::Other))), ("aleph", name("aleph")),
    ("allowbreak", Command::Style), ("alpha", name("alpha")), ("and", token(Kind::And)), ("angle", name("angle")),
    ("approx", relation(O::Approximate)), ("approxeq", relation(O::Approximate)), ("arccos", function(O::Arccos)),
    ("arccosh", function(O::Arcosh)), ("arccot", function(O::Arccot)), ("arccsc", function(O::Arccsc)),
    ("arcctg", function(O::Arccot)), ("arcosh", function(O::Arcosh)), ("arcsec", function(O::Arcsec)),
    ("arcsin", function(O::Arcsin)), ("arcsinh", function(O::Arsinh)), ("arctan", function(O::Arctan)),
    ("arctanh", function(O::Artanh)), ("arctg", function(O::Arctan)), ("arg", function(O::Argument)),
    ("arsinh", function(O::Arsinh)), ("artanh", function(O::Artanh)), ("asinh", function(O::Arsinh)),
    ("ast", token(Kind::Times)), ("asymp", relation(O::Related)), ("atanh", function(O::Artanh)),
    ("backslash", token(Kind::Without)), ("bar", token(Kind::Accent(Accent::Line))),
    ("bcancel", token(Kind::Accent(Accent::Nothing))), ("begin", Command::Begin), ("beta", name("beta")),
    ("bf", Command::Style), ("big", Command::Style), ("bigcap", token(Kind::Big(O::IntersectionOver))),
    ("bigcup", token(Kind::Big(O::UnionOver))), ("bigg", Command::Style), ("biggl", Command::Style),
    ("biggm", Command::Style), ("biggr", Command::Style), ("bigl", Command::Style), ("bigm", Command::Style),
    ("bigr", Command::Style), ("bigtriangleup", name("triangle")), ("binom", token(Kind::Binom)),
    ("blacksquare", Command::Style), ("bm", Command::Style), ("bmod", token(Kind::Modulo)), ("bold", Command::Style),
    ("boldsymbol", Command::Style), ("bot", name("bot")), ("boxed", token(Kind::Boxed)),
    ("breve", token(Kind::Accent(Accent::Other))), ("bullet", token(Kind::Times)), ("cal", Command::Style),
    ("cancel", token(Kind::Accent(Accent::Nothing))), ("cap", token(Kind::Intersection)),
    ("cdot", token(Kind::Times)), ("cdots", token(Kind::Ellipsis)), ("ceil", function(O::Ceiling)),
    ("centerdot", token(Kind::Times)), ("centering", Command::Style), ("cfrac", token(Kind::Frac)),
    ("ch", function(O::Cosh)), ("char", Command::Character), ("check", token(Kind::Accent(Accent::Other))),
    ("chi", name("chi")), ("choose", token(Kind::Halves(O::Binomial))), ("circ", token(Kind::Circle)),
    ("cite", Command::StyleWithArgument), ("colon", token(Kind::Colon)), ("coloneqq", relation(O::Equal)),
    ("color", Command::StyleWithArgument), ("complement", name("complement")), ("cong", relation(O::Related)),
    ("conj", function(O::Conjugate)), ("cos", function(O::Cos)), ("cosec", function(O::Csc)),
    ("cosh", function(O::Cosh)), ("cot", function(O::Cot)), ("cotg", function(O::Cot)), ("coth", function(O::Coth)),
    ("csc", function(O::Csc)), ("csch", function(O::Csch)), ("ctg", function(O::Cot)), ("cup", token(Kind::Union)),
    ("dbinom", token(Kind::Binom)), ("ddot", token(Kind::Accent(Accent::Other))), ("ddots", token(Kind::Ellipsis)),
    ("degree", token(Kind::Circle)), ("delta", name("delta")), ("det", function(O::Determinant)),
    ("dfrac", token(Kind::Frac)), ("differentialD", name("d")), ("displaylimits", Command::Style),
    ("displaystyle", Command::Style), ("div", token(Kind::Divide)), ("dot", token(Kind::Accent(Accent::Dot))),
    ("doteq", relation(O::Approximate)), ("dots", token(Kind::Ellipsis)), ("dotsb", token(Kind::Ellipsis)),
    ("dotsc", token(Kind::Ellipsis)), ("dotsm", token(Kind::Ellipsis)), ("dotso", token(Kind::Ellipsis)),
    ("ell", name("ell")), ("em", Command::Style), ("emph", Command::Text), ("emptyset", constant(C::EmptySet)),
    ("end", Command::End), ("enskip", Command::Space), ("enspace", Command::Space), ("ensuremath", Command::Style),
    ("epsilon", name("epsilon")), ("eq", relation(O::Equal)), ("eqref", Command::StyleWithArgument),
    ("equiv", relation(O::Related)), ("eta", name("eta")), ("euro", token(Kind::Currency)), ("exp", function(O::Exp)),
    ("exponentialE", constant(C::E)), ("fbox", token(Kind::Boxed)), ("flatfrac", token(Kind::Frac)),
    ("floor", function(O::Floor)), ("footnote", Command::StyleWithArgument), ("footnotesize", Command::Style),
    ("frac", token(Kind::Frac)), ("framebox", token(Kind::Boxed)), ("gamma", name("gamma")),
    ("gcd", token(Kind::Variadic(O::Gcd))), ("ge", relation(O::GreaterEqual)), ("geq", relation(O::GreaterEqual)),
    ("geqq", relation(O::GreaterEqual)), ("geqslant", relation(O::GreaterEqual)), ("gg", relation(O::Related)),
    ("grave", token(Kind::Accent(Accent::Other))), ("gt", relation(O::Greater)),
    ("hat", token(Kind::Accent(Accent::Other))), ("hbar", name("hbar")), ("hbox", Command::Text),
    ("hcf", token(Kind::Variadic(O::Gcd))), ("hfill", Command::Style), ("hline", Command::Style),
    ("hphantom", token(Kind::Accent(Accent::Nothing))), ("hskip", Command::StyleWithArgument),
    ("hspace", Command::StyleWithArgument), ("huge", Command::Style), ("iff", token(Kind::Arrow)),
    ("iiint", token(Kind::Big(O::Integral))), ("iint", token(Kind::Big(O::Integral))),
    ("imaginaryI", constant(C::ImaginaryUnit)), ("imaginaryJ", constant(C::ImaginaryUnit)), ("imath", name("i")),
    ("implies", token(Kind::Arrow)), ("in", relation(O::In)), ("includegraphics", Command::StyleWithArgument),
    ("infin", constant(C::Infinity)), ("infty", constant(C::Infinity)), ("input", Command::StyleWithArgument),
    ("int", token(Kind::Big(O::Integral))), ("integers", constant(C::Integers)), ("intercal", name("top")),
    ("iota", name("iota")), ("isin", relation(O::In)), ("it", Command::Style), ("jmath", name("j")),
    ("kappa", name("kappa")), ("kern", Command::StyleWithArgument), ("lVert", token(Kind::Open(Fence::DoubleBar))),
    ("label", Command::StyleWithArgument), ("lambda", name("lambda")), ("land", token(Kind::And)),
    ("langle", token(Kind::Open(Fence::Angle))), ("large", Command::Style),
    ("lbrace", token(Kind::Open(Fence::Brace))), ("lbrack", token(Kind::Open(Fence::Square))),
    ("lceil", token(Kind::Open(Fence::Ceiling))), ("lcm", token(Kind::Variadic(O::Lcm))),
    ("ldots", token(Kind::Ellipsis)), ("le", relation(O::LessEqual)), ("left", Command::Left),
    ("leftrightarrow", token(Kind::Arrow)), ("leq", relation(O::LessEqual)), ("leqq", relation(O::LessEqual)),
    ("leqslant", relation(O::LessEqual)), ("lfloor", token(Kind::Open(Fence::Floor))), ("lg", function(O::Log)),
    ("lgroup", token(Kind::Open(Fence::Round))), ("lhd", relation(O::Related)), ("lim", token(Kind::Big(O::Limit))),
    ("limits", Command::Style), ("linebreak", Command::Style), ("ll", relation(O::Related)), ("ln", function(O::Ln)),
    ("log", function(O::Log)), ("longmapsto", token(Kind::Arrow)), ("longrightarrow", token(Kind::Arrow)),
    ("lor", token(Kind::Or)), ("lparen", token(Kind::Open(Fence::Round))), ("lt", relation(O::Less)),
    ("lvert", token(Kind::Open(Fence::Bar))), ("mapsto", token(Kind::Arrow)), ("mathbb", Command::Blackboard),
    ("mathbf", Command::Style), ("mathbin", Command::Style), ("mathcal", Command::Style),
    ("mathchoice", Command::Style), ("mathclose", Command::Style), ("mathds", Command::Blackboard),
    ("mathfrak", Command::Style), ("mathinner", Command::Style), ("mathit", Command::Style),
    ("mathnormal", Command::Style), ("mathop", Command::Style), ("mathopen", Command::Style),
    ("mathord", Command::Style), ("mathpunct", Command::Style), ("mathrel", Command::Style),
    ("mathring", token(Kind::Accent(Accent::Other))), ("mathrm", Command::Upright), ("mathscr", Command::Style),
    ("mathsf", Command::Style), ("mathstrut", Command::Style), ("mathtt", Command::Style),
    ("mathup", Command::Upright), ("max", token(Kind::Variadic(O::Max))), ("mbox", Command::Text),
    ("measuredangle", name("angle")), ("medspace", Command::Space), ("mho", name("mho")), ("mid", token(Kind::Mid)),
    ("middle", Command::Middle), ("min", token(Kind::Variadic(O::Min))), ("mkern", Command::StyleWithArgument),
    ("mod", token(Kind::Modulo)), ("models", relation(O::Related)), ("mp", token(Kind::MinusPlus)),
    ("mspace", Command::StyleWithArgument), ("mu", name("mu")), ("nabla", name("nabla")),
    ("naturals", constant(C::Naturals)), ("ne", relation(O::NotEqual)), ("negmedspace", Command::ThinSpace),
    ("negthickspace", Command::ThinSpace), ("negthinspace", Command::ThinSpace), ("neq", relation(O::NotEqual)),
    ("newline", Command::Style), ("ni", relation(O::Related)), ("nicefrac", token(Kind::Frac)),
    ("nobreak", Command::Style), ("nobreakspace", Command::Space), ("noindent", Command::Style),
    ("nolimits", Command::Style), ("nonumber", Command::Style), ("norm", function(O::Norm)),
    ("normalsize", Command::Style), ("not", token(Kind::Not)), ("notag", Command::Style),
    ("notin", relation(O::NotIn)), ("nparallel", relation(O::Related)), ("nsubseteq", relation(O::Related)),
    ("nu", name("nu")), ("null", Command::Style), ("oint", token(Kind::Big(O::Integral))), ("omega", name("omega")),
    ("omicron", name("o")), ("operatorname", Command::OperatorName),
    ("operatornamewithlimits", Command::OperatorName), ("or", token(Kind::Or)),
    ("over", token(Kind::Halves(O::Divide))), ("overarc", token(Kind::Accent(Accent::Other))),
    ("overbrace", Command::Style), ("overleftarrow", token(Kind::Accent(Accent::Other))),
    ("overleftrightarrow", token(Kind::Accent(Accent::Other))), ("overline", token(Kind::Accent(Accent::Line))),
    ("overparen", token(Kind::Accent(Accent::Other))), ("overrightarrow", token(Kind::Accent(Accent::Other))),
    ("par", Command::Style), ("parallel", relation(O::Related)), ("partial", name("partial")),
    ("percent", token(Kind::Percent)), ("perp", relation(O::Related)),
    ("phantom", token(Kind::Accent(Accent::Nothing))), ("phi", name("phi")), ("pi", constant(C::Pi)),
    ("pm", token(Kind::PlusMinus)), ("pmb", Command::Style), ("pmod", token(Kind::ParenthesisedModulo)),
    ("pounds", token(Kind::Currency)), ("prec", relation(O::Related)), ("preceq", relation(O::Related)),
    ("prime", token(Kind::Prime(1))), ("prod", token(Kind::Big(O::Product))), ("propto", relation(O::Related)),
    ("protect", Command::Style), ("psi", name("psi")), ("qed", Command::Style), ("qedhere", Command::Style),
    ("qquad", Command::Space), ("quad", Command::Space), ("rVert", token(Kind::Close(Fence::DoubleBar))),
    ("rangle", token(Kind::Close(Fence::Angle))), ("rank", function(O::Rank)),
    ("rbrace", token(Kind::Close(Fence::Brace))), ("rbrack", token(Kind::Close(Fence::Square))),
    ("rceil", token(Kind::Close(Fence::Ceiling))), ("reals", constant(C::Reals)), ("ref", Command::StyleWithArgument),
    ("relax", Command::Style), ("rfloor", token(Kind::Close(Fence::Floor))),
    ("rgroup", token(Kind::Close(Fence::Round))), ("rhd", relation(O::Related)), ("rho", name("rho")),
    ("right", Command::Right), ("rightarrow", token(Kind::Arrow)), ("rm", Command::Upright),
    ("rparen", token(Kind::Close(Fence::Round))), ("rvert", token(Kind::Close(Fence::Bar))),
    ("scriptscriptstyle", Command::Style), ("scriptsize", Command::Style), ("scriptstyle", Command::Style),
    ("sec", function(O::Sec)), ("sech", function(O::Sech)), ("setminus", token(Kind::Without)),
    ("sf", Command::Style), ("sfrac", token(Kind::Frac)), ("sgn", function(O::Sign)), ("sh", function(O::Sinh)),
    ("sigma", name("sigma")), ("sign", function(O::Sign)), ("sim", relation(O::Related)),
    ("simeq", relation(O::Related)), ("sin", function(O::Sin)), ("sinh", function(O::Sinh)), ("sl", Command::Style),
    ("slash", token(Kind::Divide)), ("small", Command::Style), ("smallsetminus", token(Kind::Without)),
    ("smash", Command::Style), ("space", Command::Space), ("sqrt", token(Kind::Root(0))), ("square", name("square")),
    ("star", token(Kind::Times)), ("strut", Command::Style), ("sub", relation(O::Subset)),
    ("subset", relation(O::Subset)), ("subseteq", relation(O::Subset)), ("subsetneq", relation(O::Subset)),
    ("succ", relation(O::Related)), ("succeq", relation(O::Related)), ("sum", token(Kind::Big(O::Sum))),
    ("supset", relation(O::Related)), ("supseteq", relation(O::Related)), ("supsetneq", relation(O::Related)),
    ("surd", token(Kind::Root(0))), ("symrm", Command::Upright), ("symup", Command::Upright),
    ("tag", Command::StyleWithArgument), ("tan", function(O::Tan)), ("tanh", function(O::Tanh)), ("tau", name("tau")),
    ("tbinom", token(Kind::Binom)), ("text", Command::Text), ("textbf", Command::Text),
    ("textcolor", Command::StyleWithArgument), ("textdegree", token(Kind::Circle)),
    ("textdollar", token(Kind::Currency)), ("textit", Command::Text), ("textmd", Command::Text),
    ("textnormal", Command::Text), ("textrm", Command::Text), ("textsc", Command::Text), ("textsf", Command::Text),
    ("textsl", Command::Text), ("textstyle", Command::Style), ("texttt", Command::Text), ("textup", Command::Text),
    ("tfrac", token(Kind::Frac)), ("tg", function(O::Tan)), ("th", function(O::Tanh)),
    ("therefore", token(Kind::Arrow)), ("theta", name("theta")), ("thickapprox", relation(O::Approximate)),
    ("thickspace", Command::Space), ("thinspace", Command::ThinSpace), ("tilde", token(Kind::Accent(Accent::Other))),
    ("times", token(Kind::Times)), ("tiny", Command::Style), ("to", token(Kind::Arrow)), ("top", name("top")),
    ("tr", function(O::Trace)), ("trace", function(O::Trace)), ("triangle", name("triangle")),
    ("triangleq", relation(O::Related)), ("tt", Command::Style), ("underbrace", Command::Style),
    ("underline", token(Kind::Accent(Accent::Other))), ("upright", Command::Upright), ("upsilon", name("upsilon")),
    ("varepsilon", name("epsilon")), ("varkappa", name("kappa")), ("varnothing", constant(C::EmptySet)),
    ("varphi", name("phi")), ("varpi", constant(C::Pi)), ("varrho", name("rho")), ("varsigma", name("sigma")),
    ("vartheta", name("theta")), ("vdash", relation(O::Related)), ("vdots", token(Kind::Ellipsis)),
    ("vec", token(Kind::Accent(Accent::Other))), ("vee", token(Kind::Or)), ("vert", token(Kind::Bar)),
    ("vphantom", token(Kind::Accent(Accent::Nothing))), ("vskip", Command::StyleWithArgument),
    ("vspace", Command::StyleWithArgument), ("wedge", token(Kind::And)),
    ("widebar", token(Kind::Accent(Accent::Line))), ("widehat", token(Kind::Accent(Accent::Other))),
    ("wideparen", token(Kind::Accent(Accent::Other))), ("widetilde", token(Kind::Accent(Accent::Other))),
    ("wp", name("wp")), ("xcancel", token(Kind::Accent(Accent::Nothing))), ("xi", name("xi")),
    ("xrightarrow", token(Kind::Arrow)), ("yen", token(Kind::Currency)), ("zeta", name("zeta")),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_so_that_every_command_is_found() {
        for pair in COMMANDS.windows(2) {
            assert!(pair[0].0 < pair[1].0, "{} stands before {}", pair[0].0, pair[1].0);
        }
        for (name, command) in COMMANDS {
            assert_eq!(find(name), Some(*command));
        }
    }

    #[test]
    fn a_name_that_runs_into_the_next_letter_is_split() {
        assert_eq!(find("quadx"), None);
        assert_eq!(find_prefix("quadx"), Some((4, Command::Space)));
        assert_eq!(find_prefix("zzz"), None);
    }
}
