//! The typed ends of the project's gRPC services, with the size limits they all share.

use gradus_proto::v1::{
    coordinator_client::CoordinatorClient,
    coordinator_server::{Coordinator, CoordinatorServer},
    reward_service_client::RewardServiceClient,
    reward_service_server::{RewardService, RewardServiceServer},
    scorer_client::ScorerClient,
    weights_client::WeightsClient,
    weights_server::{Weights, WeightsServer},
};

use crate::Channel;

/// The largest message, in bytes: a large group of long completions has room to spare.
pub const MAX_MESSAGE_BYTES: usize = 256 << 20;

/// The largest answer of a scorer that a user serves, in bytes.
const MAX_SCORE_BYTES: usize = 64 << 10;

/// Makes a client of the coordinator.
#[must_use]
pub fn coordinator(channel: Channel) -> CoordinatorClient<Channel> {
    CoordinatorClient::new(channel)
        .max_decoding_message_size(MAX_MESSAGE_BYTES)
        .max_encoding_message_size(MAX_MESSAGE_BYTES)
}

/// Makes the server's end of the coordinator.
pub fn coordinator_server<T: Coordinator>(service: T) -> CoordinatorServer<T> {
    CoordinatorServer::new(service)
        .max_decoding_message_size(MAX_MESSAGE_BYTES)
        .max_encoding_message_size(MAX_MESSAGE_BYTES)
}

/// Makes a client of the reward server.
#[must_use]
pub fn reward(channel: Channel) -> RewardServiceClient<Channel> {
    RewardServiceClient::new(channel)
        .max_decoding_message_size(MAX_MESSAGE_BYTES)
        .max_encoding_message_size(MAX_MESSAGE_BYTES)
}

/// Makes the server's end of the reward server.
pub fn reward_server<T: RewardService>(service: T) -> RewardServiceServer<T> {
    RewardServiceServer::new(service)
        .max_decoding_message_size(MAX_MESSAGE_BYTES)
        .max_encoding_message_size(MAX_MESSAGE_BYTES)
}

/// Makes a client of a scorer that a user serves, whose answers are short.
#[must_use]
pub fn scorer(channel: Channel) -> ScorerClient<Channel> {
    ScorerClient::new(channel).max_encoding_message_size(MAX_MESSAGE_BYTES).max_decoding_message_size(MAX_SCORE_BYTES)
}

/// Makes a client of the weights service.
#[must_use]
pub fn weights(channel: Channel) -> WeightsClient<Channel> {
    WeightsClient::new(channel)
        .max_decoding_message_size(MAX_MESSAGE_BYTES)
        .max_encoding_message_size(MAX_MESSAGE_BYTES)
}

/// Makes the server's end of the weights service.
pub fn weights_server<T: Weights>(service: T) -> WeightsServer<T> {
    WeightsServer::new(service)
        .max_decoding_message_size(MAX_MESSAGE_BYTES)
        .max_encoding_message_size(MAX_MESSAGE_BYTES)
}
