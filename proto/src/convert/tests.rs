//! Round trips of every message, and refusals.
