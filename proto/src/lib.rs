//! The wire contract: protobuf messages and gRPC services of package `gradus.v1`, and their conversion to domain types.
//!
//! Services use [`v1`] at their edge alone and speak `gradus-types` everywhere else.

/// Generated messages, clients and servers.
#[expect(missing_docs, clippy::all, reason = "generated from the .proto files, which hold the documentation")]
pub mod v1 {
    tonic::include_proto!("gradus.v1");
}
