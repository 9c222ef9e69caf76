//! The arithmetic that equality is decided by: residues modulo primes, floating-point numbers of fixed length with error bounds, and
//! bounded rationals. Nothing here panics or allocates without bound, whatever the operands.

pub(crate) mod modular;
