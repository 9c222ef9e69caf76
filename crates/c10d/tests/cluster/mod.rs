//! Several ranks in one process, each on a thread of its own, as the tests of this crate need them.

use std::{
    net::{Ipv4Addr, SocketAddr},
    thread,
    time::Duration,
};

use gradus_c10d::{Config, ListenOn, Member, ProcessGroup, Store};

/// Long enough for a loaded machine; no test that succeeds waits for it.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A port on loopback that the system chooses.
pub fn any_port() -> SocketAddr {
    (Ipv4Addr::LOCALHOST, 0).into()
}

pub fn config(rank: u32, world_size: u32, timeout: Duration) -> Config {
    Config { member: Member { rank, world_size }, listen_on: ListenOn::Hostname("127.0.0.1".to_owned()), timeout }
}

/// Runs `body` once a rank, all at the same time, and returns what they returned, by rank.
pub fn run_ranks<T: Send>(world_size: u32, timeout: Duration, body: impl Fn(ProcessGroup) -> T + Sync) -> Vec<T> {
    let host = Store::host(any_port(), PATIENCE).expect("a store on loopback");
    let address = host.address();
    let body = &body;
    thread::scope(|scope| {
        let ranks: Vec<_> = (0..world_size)
            .map(|rank| {
                scope.spawn(move || {
                    let store = Store::connect(address, PATIENCE).expect("the store is up");
                    body(ProcessGroup::join(&store, &config(rank, world_size, timeout)).expect("all ranks join"))
                })
            })
            .collect();
        ranks.into_iter().map(|rank| rank.join().expect("the rank does not panic")).collect()
    })
}
