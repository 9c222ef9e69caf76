//! Conversion between wire messages and domain types: the one place that knows both.

mod batch;
mod ledger;
mod prompt;
mod reward;
mod rollout;
#[cfg(test)]
mod tests;

/// A message that breaks the contract.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("failed to read field `{field}` of message `{message}`: {reason}")]
pub struct ConvertError {
    /// The message's name in the .proto files.
    pub message: &'static str,
    /// The field that is at fault.
    pub field: &'static str,
    /// What is wrong with it.
    pub reason: String,
}

impl ConvertError {
    fn new(message: &'static str, field: &'static str, reason: impl Into<String>) -> Self {
        Self { message, field, reason: reason.into() }
    }
}

/// Takes a field that the contract demands.
fn required<T>(value: Option<T>, message: &'static str, field: &'static str) -> Result<T, ConvertError> {
    value.ok_or_else(|| ConvertError::new(message, field, "it is missing"))
}

/// Reads an enumeration and its number, refusing numbers this build does not know.
fn known<E: TryFrom<i32>>(number: i32, message: &'static str, field: &'static str) -> Result<E, ConvertError> {
    E::try_from(number).map_err(|_| ConvertError::new(message, field, format!("`{number}` is not a value of it")))
}

/// Answers for the value 0 of an enumeration, which stands for a field that was never set.
fn unspecified(message: &'static str, field: &'static str) -> ConvertError {
    ConvertError::new(message, field, "it is unspecified")
}

/// Reads the 32 bytes of a hash.
fn digest(bytes: &[u8], message: &'static str, field: &'static str) -> Result<[u8; 32], ConvertError> {
    bytes.try_into().map_err(|_| ConvertError::new(message, field, format!("expected 32 bytes, got {}", bytes.len())))
}

/// Converts a list, stopping at the first element that cannot be.
fn all<W, D: TryFrom<W>>(wire: Vec<W>) -> Result<Vec<D>, D::Error> {
    wire.into_iter().map(D::try_from).collect()
}

/// Encodes a list.
fn encoded<D, W: From<D>>(domain: Vec<D>) -> Vec<W> {
    domain.into_iter().map(W::from).collect()
}
