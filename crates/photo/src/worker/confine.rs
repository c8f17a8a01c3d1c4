//! What the child gives away before it reads: so little is left that a decoder that is tricked can do nothing.

use std::io;

/// On Linux: bounded memory and time, no files, no processes, no core dump; then only the calls of the system that
/// reading a pipe, working and writing a pipe need. Everything else fails as not permitted.
#[cfg(target_os = "linux")]
pub(super) fn confine() -> io::Result<()> {
    use crate::limits::{CPU_SECONDS, MEMORY};
    use rustix::process::{Resource, Rlimit, setrlimit};

    let limits = [
        (Resource::As, MEMORY),
        (Resource::Cpu, CPU_SECONDS),
        (Resource::Core, 0),
        (Resource::Fsize, 0),
        (Resource::Nproc, 0),
        (Resource::Nofile, 0),
    ];
    for (resource, most) in limits {
        let most = Rlimit {
            current: Some(most),
            maximum: Some(most),
        };
        setrlimit(resource, most)?;
    }
    // Pages go first: whoever waits for a picture waits anyway.
    rustix::process::nice(10)?;
    seccompiler::apply_filter(&filter()?).map_err(io::Error::other)
}

#[cfg(target_os = "linux")]
fn filter() -> io::Result<seccompiler::BpfProgram> {
    use seccompiler::{SeccompAction, SeccompFilter};

    const NEEDED: [i64; 22] = [
        libc::SYS_read,
        libc::SYS_write,
        libc::SYS_brk,
        libc::SYS_mmap,
        libc::SYS_munmap,
        libc::SYS_mremap,
        libc::SYS_mprotect,
        libc::SYS_madvise,
        libc::SYS_futex,
        libc::SYS_getrandom,
        libc::SYS_clock_gettime,
        libc::SYS_sched_yield,
        libc::SYS_sigaltstack,
        libc::SYS_rt_sigaction,
        libc::SYS_rt_sigprocmask,
        libc::SYS_rt_sigreturn,
        libc::SYS_restart_syscall,
        // To die by, if there is no memory left.
        libc::SYS_getpid,
        libc::SYS_gettid,
        libc::SYS_tgkill,
        libc::SYS_exit,
        libc::SYS_exit_group,
    ];
    let rules = NEEDED.into_iter().map(|call| (call, Vec::new())).collect();
    let refused = SeccompAction::Errno(libc::EPERM.unsigned_abs());
    let here = std::env::consts::ARCH.try_into().map_err(io::Error::other)?;
    let filter = SeccompFilter::new(rules, refused, SeccompAction::Allow, here).map_err(io::Error::other)?;
    filter.try_into().map_err(io::Error::other)
}

/// Elsewhere: a process of its own, whose time is bounded by whoever started it.
#[cfg(not(target_os = "linux"))]
pub(super) fn confine() -> io::Result<()> {
    Ok(())
}
