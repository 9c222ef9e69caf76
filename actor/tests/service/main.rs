//! The whole actor over real sockets, between a coordinator and a reward server that play a script, and a real publisher of weights.

mod cluster;
mod coordinator;
mod failures;
mod prompts;
mod rounds;
