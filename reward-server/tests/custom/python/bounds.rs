//! What a function may not do, and that whatever it does costs its own samples alone.

use std::{fs, net::TcpListener};

use gradus_config::{CustomScorer, Signature};
use tempfile::TempDir;

use crate::{Outcome, Server, assert_free, file, has_python, python};

/// A function that does what its completion says.
const MISBEHAVING: &str = r#"
import ctypes, fcntl, os, socket, sys, time

def compute_score(solution_str, ground_truth, **_):
    word, _, rest = solution_str.partition(" ")
    if word == "loop":
        while True:
            pass
    if word == "sleep":
        time.sleep(1000)
    if word == "bomb":  # every process of it holds a lock
        lock = open(rest)
        fcntl.flock(lock, fcntl.LOCK_EX)
        while True:
            try:
                os.fork()
            except OSError:
                pass
    if word == "leave":  # a process that outlives its call, and holds a lock as long as it lives
        lock = open(rest)
        fcntl.flock(lock, fcntl.LOCK_EX)
        if os.fork() == 0:
            os.setsid()
            time.sleep(100000)
    if word == "allocate":
        len(bytearray(100 << 30))
    if word == "hoard":
        hoard = []
        while True:
            hoard.append(bytearray(64 << 20))
    if word == "crash":
        ctypes.string_at(0)
    if word == "exit":
        os._exit(3)
    if word == "abort":
        os.abort()
    if word == "quit":
        sys.exit("enough")
    if word == "recurse":
        compute_score("recurse", ground_truth)
        compute_score("recurse", ground_truth)
    if word == "connect":
        socket.create_connection(("127.0.0.1", int(rest)), timeout=5)
    if word == "flood":
        os.write(2, b"x" * (1 << 20))
    return 1.0 if solution_str == ground_truth else 0.0
"#;

fn server() -> (TempDir, Server) {
    server_with(|declared| declared)
}

/// Makes a server that loses patience soon.
fn impatient_server() -> (TempDir, Server) {
    server_with(|declared| CustomScorer { timeout_seconds: 2.0, ..declared })
}

fn server_with(change: impl Fn(CustomScorer) -> CustomScorer) -> (TempDir, Server) {
    let (directory, path) = file(MISBEHAVING);
    let server = Server::open(change(python(&path, "compute_score", Signature::Verl))).unwrap();
    (directory, server)
}

/// Scores a text between two good ones, which must not notice.
async fn between(server: &Server, text: &str) -> Outcome {
    let mut outcomes = server.score(&["4", text, "4", "5"]).await;
    let neighbours = [&outcomes[0], &outcomes[2], &outcomes[3]];
    assert_eq!(neighbours, [&Outcome::Value(1.0), &Outcome::Value(1.0), &Outcome::Value(0.0)], "beside `{text}`");
    outcomes.swap_remove(1)
}

#[tokio::test]
async fn an_endless_loop_and_an_endless_sleep_are_timeouts_of_their_own_samples() {
    if !has_python() {
        return;
    }
    let (_directory, server) = impatient_server();
    assert_eq!(between(&server, "loop").await, Outcome::Timeout);
    assert_eq!(between(&server, "sleep").await, Outcome::Timeout);
    let page = server.metrics.encode();
    assert!(page.contains(r#"reward_server_scorer_samples_total{scorer="own",outcome="Timeout"} 2"#), "{page}");
    assert!(page.contains(r#"reward_server_scorer_restarts_total{scorer="own"}"#), "{page}");
}

#[tokio::test]
async fn a_fork_bomb_costs_its_own_sample_and_leaves_nothing_behind() {
    if !has_python() {
        return;
    }
    let (directory, server) = impatient_server();
    let path = directory.path().join("lock");
    let lock = fs::File::create(&path).unwrap();
    assert_eq!(between(&server, &format!("bomb {}", path.display())).await, Outcome::Timeout);
    assert_free(lock).await;
}

#[tokio::test]
async fn a_process_that_was_left_behind_is_ended_with_its_worker() {
    if !has_python() {
        return;
    }
    let (directory, server) = server();
    let path = directory.path().join("lock");
    let lock = fs::File::create(&path).unwrap();
    assert_eq!(between(&server, &format!("leave {}", path.display())).await, Outcome::Value(0.0));
    assert_free(lock).await;
    let page = server.metrics.encode();
    assert!(page.contains(r#"reward_server_scorer_restarts_total{scorer="own"} 1"#), "{page}");
}

#[tokio::test]
async fn workers_that_are_started_for_the_first_time_replace_nobody() {
    if !has_python() {
        return;
    }
    let (_directory, server) = server_with(|declared| CustomScorer { parallel: Some(3), ..declared });
    server.score(&["4"; 12]).await;
    assert!(!server.metrics.encode().contains("scorer_restarts_total{"), "{}", server.metrics.encode());
    server.score(&["exit", "4", "4", "4"]).await;
    assert!(server.metrics.encode().contains(r#"scorer_restarts_total{scorer="own"} "#), "{}", server.metrics.encode());
}

#[tokio::test]
async fn an_allocation_of_100_gigabytes_fails_its_own_sample() {
    if !has_python() {
        return;
    }
    let (_directory, server) = server();
    for text in ["allocate", "hoard"] {
        let outcome = between(&server, text).await;
        assert!(outcome.is_error_about("MemoryError"), "{text}: {outcome:?}");
    }
}

#[tokio::test]
async fn a_crash_fails_its_own_sample_with_the_way_it_ended() {
    if !has_python() {
        return;
    }
    let (_directory, server) = server();
    for text in ["crash", "exit", "abort"] {
        let outcome = between(&server, text).await;
        assert!(outcome.is_error_about("the worker ended (exit status: "), "{text}: {outcome:?}");
    }
    assert!(between(&server, "quit").await.is_error_about("SystemExit: enough"));
    assert!(between(&server, "recurse").await.is_error_about("RecursionError"));
    assert_eq!(between(&server, "flood").await, Outcome::Value(0.0));
}

#[tokio::test]
async fn there_is_no_network() {
    if !has_python() {
        return;
    }
    let (_directory, server) = server();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let outcome = between(&server, &format!("connect {}", listener.local_addr().unwrap().port())).await;
    assert!(outcome.is_error_about("PermissionError"), "{outcome:?}");
}
