//! System calls that a confined program is denied: it is told `EPERM`, and so is everything that it starts.

use std::{collections::BTreeMap, env::consts::ARCH};

use anyhow::Context;
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, TargetArch, apply_filter};

/// The network, and ways around the other bounds.
const DENIED: [i64; 24] = [
    libc::SYS_socket,
    libc::SYS_io_uring_setup,
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_pidfd_getfd,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_open_by_handle_at,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_keyctl,
    libc::SYS_kexec_load,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_reboot,
];

/// Ways out of the process group, which is what is killed where there are no namespaces.
const DENIED_WITHOUT_NAMESPACES: [i64; 2] = [libc::SYS_setsid, libc::SYS_setpgid];

/// Denies them to this process and to all that come from it.
pub fn deny(has_namespaces: bool) -> anyhow::Result<()> {
    let more: &[i64] = if has_namespaces { &[] } else { &DENIED_WITHOUT_NAMESPACES };
    let rules: BTreeMap<_, _> = DENIED.iter().chain(more).map(|call| (*call, Vec::new())).collect();
    let architecture = TargetArch::try_from(ARCH).context("there is no filter for this processor")?;
    let refusal = SeccompAction::Errno(libc::EPERM.unsigned_abs());
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, refusal, architecture)?;
    let program = BpfProgram::try_from(filter)?;
    apply_filter(&program)?;
    Ok(())
}
