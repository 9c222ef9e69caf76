//! What confines a program where the system permits no namespaces.

use std::path::Path;

use gradus_reward_server::sandbox::{Confinement, command};

use crate::has_python;

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
