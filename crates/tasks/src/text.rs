//! Problems in words alone.

mod arithmetic;
mod comparison;
mod word_problem;

pub(crate) use self::arithmetic::Arithmetic;
pub(crate) use self::comparison::Comparison;
pub(crate) use self::word_problem::WordProblem;
