//! Joining the learner world: rank 0 holds the rendezvous store, everyone tells the coordinator, and the process group forms.
//!
//! | who | waits for | unblocked by |
//! |---|---|---|
//! | `join` | every rank of the generation | the last rank's `JoinWorld`, or the shutdown |
//! | `Rendezvous::meet` | a connection to every rank | the last rank, or the collectives' timeout |
//!
//! A process takes part in one generation only. When that is over it leaves, and its successor joins the next one.

use std::{net::SocketAddr, time::Duration};

use tracing::info;

use gradus_c10d::{Config, ListenOn, Member, ProcessGroup, Store};
use gradus_config::Learner;
use gradus_runtime::CpuPool;
use gradus_types::{Checkpoint, Rank};

use crate::{
    Error, Ranks,
    client::{Client, JoinRequest},
};

/// A world that is complete, before its ranks are connected.
#[derive(Debug)]
pub struct World {
    /// The generation.
    pub generation: u64,
    /// The checkpoint to start from.
    pub checkpoint: Option<Checkpoint>,
    /// Where the ranks meet.
    pub rendezvous: Rendezvous,
}

/// Where the ranks of a generation meet.
#[derive(Debug)]
pub struct Rendezvous {
    settings: Learner,
    generation: u64,
    /// Rank 0 holds the store; the others connect to it.
    hosted: Option<Store>,
    address: SocketAddr,
}

/// Joins the next generation of the world and waits until it is complete. Dropping the future gives up.
pub async fn join(client: &Client, settings: &Learner, pool: &CpuPool) -> Result<World, Error> {
    let host = &settings.collective_host;
    let hosted = match settings.rank {
        0 => Some(host_store(host, settings, pool).await?),
        _ => None,
    };
    let request = JoinRequest {
        rank: Rank(settings.rank),
        world_size: settings.world_size,
        incarnation: client.incarnation().to_owned(),
        store_endpoint: hosted.as_ref().map_or_else(String::new, |store| endpoint(host, store.address().port())),
    };
    info!(world_size = settings.world_size, "joining the learner world");
    let joined = loop {
        let joined = client.join(&request).await?;
        if joined.is_complete {
            break joined;
        }
    };
    let generation = joined.generation;
    let address = match &hosted {
        Some(store) => store.address(),
        None => resolve(&joined.store_endpoint).await?,
    };
    info!(generation, store = %address, resumes = joined.checkpoint.is_some(), "the learner world is complete");
    let rendezvous = Rendezvous { settings: settings.clone(), generation, hosted, address };
    Ok(World { generation, checkpoint: joined.checkpoint, rendezvous })
}

// === impl Rendezvous ===

impl Rendezvous {
    /// Connects to all ranks. Blocks the thread.
    pub fn meet(self) -> Result<Ranks, Error> {
        let timeout = collective_timeout(&self.settings);
        let store = match self.hosted {
            Some(store) => store,
            None => Store::connect(self.address, timeout)?,
        };
        let store = store.generation(self.generation)?;
        let member = Member { rank: self.settings.rank, world_size: self.settings.world_size };
        let listen_on = ListenOn::Hostname(self.settings.collective_host);
        let group = ProcessGroup::join(&store, &Config { member, listen_on, timeout })?;
        let bucket_bytes = usize::try_from(self.settings.bucket_bytes).unwrap_or(usize::MAX);
        Ok(Ranks::new(group, store, timeout, bucket_bytes))
    }
}

async fn host_store(host: &str, settings: &Learner, pool: &CpuPool) -> Result<Store, Error> {
    let address = resolve(&endpoint(host, 0)).await?;
    let timeout = collective_timeout(settings);
    Ok(pool.run(move || Store::host(address, timeout)).await??)
}

/// Writes a host and a port; an IPv6 address needs brackets.
fn endpoint(host: &str, port: u16) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

async fn resolve(endpoint: &str) -> Result<SocketAddr, Error> {
    let unknown = || Error::CollectiveHost { host: endpoint.to_owned() };
    let addresses: Vec<SocketAddr> = tokio::net::lookup_host(endpoint).await.map_err(|_| unknown())?.collect();
    // Gloo listens on the first address of its kind; IPv4 is what both ends have everywhere.
    let preferred = addresses.iter().find(|address| address.is_ipv4()).or(addresses.first());
    preferred.copied().ok_or_else(unknown)
}

fn collective_timeout(settings: &Learner) -> Duration {
    Duration::from_secs_f64(settings.collective_timeout_seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv6_host_has_brackets() {
        assert_eq!(endpoint("::1", 7), "[::1]:7");
        assert_eq!(endpoint("learner-0", 7), "learner-0:7");
    }

    #[tokio::test]
    async fn a_host_that_does_not_resolve_is_named() {
        let error = resolve("no such host:1").await.unwrap_err();
        assert!(error.to_string().contains("`no such host:1`"), "{error}");
    }
}
