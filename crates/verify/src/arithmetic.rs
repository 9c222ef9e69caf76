//! The arithmetic that equality is decided by: residues modulo primes, floating-point numbers of fixed length with error bounds, and
//! bounded rationals. Nothing here panics or allocates without bound, whatever the operands.

pub(crate) mod ball;
pub(crate) mod complex;
mod elementary;
pub(crate) mod factorial;
pub(crate) mod float;
mod limbs;
pub(crate) mod magnitude;
pub(crate) mod modular;
pub(crate) mod rational;
