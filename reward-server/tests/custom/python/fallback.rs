//! What confines a program where the system permits no namespaces.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::Path,
};

use gradus_config::Signature;
use gradus_reward_server::sandbox::{Confinement, command};

use crate::{Server, assert_free, file, has_python, python};

/// Runs the reward server's binary with a filter that denies it namespaces, as most containers do.
const HELPER: &str = r#"#!/usr/bin/env python3
import ctypes, os, platform, struct, sys

UNSHARE = {"x86_64": 272, "aarch64": 97}[platform.machine()]
DENIED, ALLOWED = 0x0005_0001, 0x7FFF_0000
STEPS = [(0x20, 0, 0, 0), (0x15, 0, 1, UNSHARE), (0x06, 0, 0, DENIED), (0x06, 0, 0, ALLOWED)]
steps = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in STEPS))
program = ctypes.create_string_buffer(struct.pack("@HP", len(STEPS), ctypes.addressof(steps)))
libc = ctypes.CDLL(None, use_errno=True)
for arguments in (38, 1, 0, 0, 0), (22, 2, ctypes.addressof(program), 0, 0):
    if libc.prctl(*map(ctypes.c_ulong, arguments)):
        sys.exit(f"prctl: {os.strerror(ctypes.get_errno())}")
os.execv(BINARY, [BINARY, *sys.argv[1:]])
"#;

/// Ends, and leaves a process behind that holds a lock and none of its pipes.
const LEAVING: &str = r#"
import fcntl, os, time

def compute_score(solution_str, ground_truth, **_):
    lock = open(solution_str)
    fcntl.flock(lock, fcntl.LOCK_EX)
    if os.fork() == 0:
        os.closerange(0, lock.fileno())
        os.closerange(lock.fileno() + 1, 256)
        time.sleep(100000)  # the limit of processor time does not end it
    os._exit(3)
"#;

/// Says what comes of ways out of the confinement.
const ATTEMPTS: &str = r#"
import os, socket

def attempt(name, action):
    try:
        action()
        print(name, "worked")
    except OSError as error:
        print(name, type(error).__name__)

attempt("socket", socket.socket)
attempt("setsid", os.setsid)
attempt("setpgid", lambda: os.setpgid(0, 0))
attempt("fork", lambda: os.fork() or os._exit(0))
try:
    bytearray(8 << 30)
except MemoryError:
    print("memory is bounded")
"#;

fn confinement(program: &Path, arguments: Vec<String>) -> Confinement {
    Confinement {
        program: program.to_owned(),
        arguments,
        max_memory_bytes: 4 << 30,
        max_processes: 64,
        max_file_bytes: 1 << 20,
        user: 65_520,
    }
}

/// A confined program may not make namespaces, so what it confines in its turn has to do without them.
#[tokio::test]
async fn without_namespaces_there_is_no_network_and_no_way_out_of_the_process_group() {
    if !has_python() {
        return;
    }
    let helper = Path::new(env!("CARGO_BIN_EXE_gradus-reward-server"));
    let program = confinement(Path::new("python3"), vec!["-c".to_owned(), ATTEMPTS.to_owned()]);
    let inner = command(helper, &program);
    let arguments = inner.as_std().get_args().map(|argument| argument.to_str().unwrap().to_owned()).collect();
    let run = command(helper, &confinement(helper, arguments)).output().await.unwrap();
    let report = String::from_utf8_lossy(&run.stdout);
    let expected =
        "socket PermissionError\nsetsid PermissionError\nsetpgid PermissionError\nfork worked\nmemory is bounded\n";
    assert_eq!(report, expected, "{}", String::from_utf8_lossy(&run.stderr));
}

#[tokio::test]
async fn without_namespaces_what_a_worker_left_behind_ends_when_it_has_ended_by_itself() {
    if !has_python() {
        return;
    }
    let (directory, path) = file(LEAVING);
    let helper = directory.path().join("helper");
    let binary = format!("{:?}", env!("CARGO_BIN_EXE_gradus-reward-server"));
    fs::write(&helper, HELPER.replace("BINARY", &binary)).unwrap();
    fs::set_permissions(&helper, Permissions::from_mode(0o755)).unwrap();
    let server = Server::open_with(python(&path, "compute_score", Signature::Verl), &helper).unwrap();
    let path = directory.path().join("lock");
    let lock = fs::File::create(&path).unwrap();
    let outcomes = server.score(&[&path.display().to_string()]).await;
    assert!(outcomes[0].is_error_about("the worker ended (exit status: 3)"), "{outcomes:?}");
    assert_free(lock).await;
}
