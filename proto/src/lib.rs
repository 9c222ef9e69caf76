//! The wire contract: protobuf messages and gRPC services of package `gradus.v1`, and their conversion to domain types.
//!
//! Services use [`v1`] at their edge alone and speak `gradus-types` everywhere else: what is decoded is checked once, by
//! `TryFrom`, which answers with a [`ConvertError`]; what is encoded goes through `From` and cannot fail.
//!
//! ```
//! use gradus_proto::v1;
//! use gradus_types::Scalar;
//!
//! let wire = v1::Scalar::from(Scalar::new("loss/policy", 0.5));
//! assert_eq!(Scalar::from(wire).name, "loss/policy");
//!
//! let error = gradus_types::Group::try_from(v1::Group::default()).unwrap_err();
//! assert_eq!(error.to_string(), "failed to read field `prompt` of message `Group`: it is missing");
//! ```

mod convert;

/// Generated messages, clients and servers.
#[expect(missing_docs, clippy::all, reason = "generated from the .proto files, which hold the documentation")]
pub mod v1 {
    tonic::include_proto!("gradus.v1");
}

pub use convert::ConvertError;
