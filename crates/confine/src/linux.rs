//! What Linux can refuse a process: files (Landlock) and system calls (seccomp).

use std::path::PathBuf;

use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetError, Scope, path_beneath_rules,
};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule,
};

use crate::Error;

/// The newest rights that are refused. An older kernel refuses those that it knows.
const RIGHTS: ABI = ABI::V6;

/// No file but these, no TCP connection, no signal to a process outside.
pub(crate) fn limit_files(readable: &[PathBuf], writable: &[PathBuf]) -> Result<(), Error> {
    let restrict = || {
        Ruleset::default()
            .handle_access(AccessFs::from_all(RIGHTS))?
            .handle_access(AccessNet::from_all(RIGHTS))?
            .scope(Scope::from_all(RIGHTS))?
            .create()?
            .add_rules(path_beneath_rules(readable, AccessFs::from_read(RIGHTS)))?
            .add_rules(path_beneath_rules(writable, AccessFs::from_all(RIGHTS)))?
            .restrict_self()
    };
    restrict()
        .map(|_| ())
        .map_err(|why: RulesetError| Error::Limit { what: "files", why: why.to_string() })
}

/// Whether files, connections and calls can be refused here.
pub(crate) fn supported() -> (bool, bool, bool) {
    // Asks the kernel for a set of rules and drops it again; nothing is restricted by that.
    let knows = |abi: ABI| {
        let strict = Ruleset::default().set_compatibility(CompatLevel::HardRequirement);
        let files = strict.handle_access(AccessFs::from_all(abi));
        let rules = if abi >= ABI::V4 {
            files.and_then(|rules| rules.handle_access(AccessNet::from_all(abi)))
        } else {
            files
        };
        rules.and_then(Ruleset::create).is_ok()
    };
    let calls = std::fs::read_to_string("/proc/sys/kernel/seccomp/actions_avail");
    let calls = calls.is_ok_and(|actions| actions.contains("errno")) && filter().is_ok();
    (knows(ABI::V1), knows(ABI::V4), calls)
}

/// What one thread needs to start, to compute, to read and write what is open, and to end. All else is refused, above
/// all: processes and threads (`clone`, `fork`), sockets, `io_uring`, and signals to others.
const CALLS: &[libc::c_long] = &[
    libc::SYS_read,
    libc::SYS_write,
    libc::SYS_readv,
    libc::SYS_writev,
    libc::SYS_pread64,
    libc::SYS_lseek,
    libc::SYS_openat,
    libc::SYS_close,
    libc::SYS_fstat,
    libc::SYS_newfstatat,
    libc::SYS_statx,
    libc::SYS_faccessat,
    libc::SYS_readlinkat,
    libc::SYS_getcwd,
    libc::SYS_fcntl,
    libc::SYS_dup,
    libc::SYS_ppoll,
    libc::SYS_mmap,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_mprotect,
    libc::SYS_madvise,
    libc::SYS_brk,
    libc::SYS_futex,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_set_tid_address,
    libc::SYS_set_robust_list,
    libc::SYS_rseq,
    libc::SYS_sched_getaffinity,
    libc::SYS_sched_yield,
    libc::SYS_getrandom,
    libc::SYS_getpid,
    libc::SYS_gettid,
    libc::SYS_getuid,
    libc::SYS_geteuid,
    libc::SYS_getgid,
    libc::SYS_getegid,
    libc::SYS_uname,
    libc::SYS_clock_gettime,
    libc::SYS_clock_nanosleep,
    libc::SYS_nanosleep,
    libc::SYS_restart_syscall,
    libc::SYS_execve, // the program itself; what Landlock lets it execute besides stays in this filter
    libc::SYS_exit,
    libc::SYS_exit_group,
];

/// The older names that the C library for this processor still uses.
#[cfg(target_arch = "x86_64")]
const OLDER_CALLS: &[libc::c_long] = &[
    libc::SYS_arch_prctl,
    libc::SYS_poll,
    libc::SYS_open,
    libc::SYS_stat,
    libc::SYS_lstat,
    libc::SYS_access,
    libc::SYS_readlink,
];
#[cfg(not(target_arch = "x86_64"))]
const OLDER_CALLS: &[libc::c_long] = &[];

/// From here on this process is alone.
pub(crate) fn limit_calls() -> Result<(), Error> {
    let filter = filter().map_err(refused)?;
    seccompiler::apply_filter(&filter).map_err(refused)
}

fn refused(why: impl std::fmt::Display) -> Error {
    Error::Limit { what: "system calls", why: why.to_string() }
}

fn filter() -> Result<BpfProgram, seccompiler::BackendError> {
    let first_is = |value: u64| {
        let argument = SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, value)?;
        SeccompRule::new(vec![argument])
    };
    let mut rules: std::collections::BTreeMap<_, _> =
        CALLS.iter().chain(OLDER_CALLS).map(|&call| (call, Vec::new())).collect();
    // Its own limits can be read, and its own thread ended (`abort`); nobody else's.
    let own = u64::from(std::process::id());
    rules.insert(libc::SYS_prlimit64, vec![first_is(0)?]);
    rules.insert(libc::SYS_tgkill, vec![first_is(own)?]);
    let refuse = SeccompAction::Errno(libc::EPERM as u32);
    let architecture = std::env::consts::ARCH.try_into()?;
    SeccompFilter::new(rules, refuse, SeccompAction::Allow, architecture)?.try_into()
}
