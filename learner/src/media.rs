//! The pictures of prompts, fetched side by side.

use std::collections::BTreeSet;

use futures_util::{StreamExt, stream};
use gradus_types::{MediaHash, Prompt};
use tracing::warn;

use crate::{Error, client::Client, prepare::Pictures};

/// Pictures that are fetched at a time.
const NUM_FETCHES: usize = 16;

/// Fetches the pictures of prompts, each once. One that the coordinator cannot have is left out; its prompt will be, too.
pub async fn pictures<'a>(client: &Client, prompts: impl Iterator<Item = &'a Prompt>) -> Result<Pictures, Error> {
    let wanted: BTreeSet<MediaHash> = prompts.flat_map(|prompt| prompt.body.images()).collect();
    let fetches = wanted.into_iter().map(|hash| async move { (hash, client.picture(hash).await) });
    let mut fetched = stream::iter(fetches).buffer_unordered(NUM_FETCHES);
    let mut pictures = Pictures::new();
    while let Some((hash, picture)) = fetched.next().await {
        match picture? {
            Some(encoded) => drop(pictures.insert(hash, encoded)),
            None => warn!(%hash, "the coordinator has no such picture"),
        }
    }
    Ok(pictures)
}
