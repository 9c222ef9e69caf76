//! The users that workers run as where the server is root: limits of processes count by user, so every worker has one for itself.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

/// The users that systemd gives to services for their lifetime.
const FIRST_USER: u32 = 61_184;
const NUM_USERS: u32 = 4_336;

/// How many a server takes at the least, and how many servers of a machine take others.
const NUM_OF_SERVER: u32 = 64;

/// The users of a server that no worker has. Cheap to clone; clones share them.
#[derive(Clone, Debug)]
pub struct Users(Arc<Mutex<VecDeque<u32>>>);

/// A user that one worker has, until it is dropped.
#[derive(Debug)]
pub struct User {
    id: u32,
    users: Users,
}

// === impl Users ===

impl Users {
    /// Sets users aside for so many workers at a time: twice as many, since the processes of a worker end a little after it.
    pub fn new(num_workers: u32) -> Self {
        let first = std::process::id() % NUM_OF_SERVER * NUM_OF_SERVER;
        let number = num_workers.saturating_mul(2).clamp(NUM_OF_SERVER, NUM_USERS);
        Self(Arc::new(Mutex::new((first..first + number).map(|place| FIRST_USER + place % NUM_USERS).collect())))
    }

    /// Gives a worker the user that nobody has had for longest, if there is one.
    pub fn take(&self) -> Option<User> {
        let id = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop_front()?;
        Some(User { id, users: self.clone() })
    }
}

// === impl User ===

impl User {
    /// Returns the number that the system knows it by.
    pub const fn id(&self) -> u32 {
        self.id
    }
}

impl Drop for User {
    fn drop(&mut self) {
        self.users.0.lock().unwrap_or_else(PoisonError::into_inner).push_back(self.id);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_workers_have_one_user_however_often_they_are_replaced() {
        let users = Users::new(3);
        let mut workers: Vec<User> = (0..3).map(|_| users.take().unwrap()).collect();
        for number in 0..1_000 {
            workers[number % 3] = users.take().unwrap();
            let ids: HashSet<u32> = workers.iter().map(User::id).collect();
            assert_eq!(ids.len(), 3);
            assert!(ids.iter().all(|id| (FIRST_USER..FIRST_USER + NUM_USERS).contains(id)));
        }
    }

    #[test]
    fn a_user_comes_back_after_all_others() {
        let users = Users::new(1);
        let first = users.take().unwrap().id();
        let others: Vec<User> = (1..NUM_OF_SERVER).map(|_| users.take().unwrap()).collect();
        assert!(others.iter().all(|user| user.id() != first));
        assert_eq!(users.take().unwrap().id(), first);
        let _all: Vec<User> = std::iter::from_fn(|| users.take()).collect();
        assert!(users.take().is_none());
    }
}
