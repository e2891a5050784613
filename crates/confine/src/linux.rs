//! What Linux can refuse a process: files (Landlock) and system calls (seccomp).

use std::collections::BTreeMap;
use std::path::PathBuf;

use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetError, Scope, path_beneath_rules,
};
use rustix::process::Signal;
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

/// The process ends with the one that started it, however that ends, and if it has ended already.
pub(crate) fn end_with_the_parent(parent: u32) -> Result<(), Error> {
    let failed = |why| Error::Limit { what: "the time after its parent", why };
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))
        .map_err(|why| failed(why.to_string()))?;
    // Who died before this call sends no signal.
    let is_there = rustix::process::getppid()
        .is_some_and(|now| u32::try_from(now.as_raw_nonzero().get()) == Ok(parent));
    if is_there { Ok(()) } else { Err(failed("it has ended".into())) }
}

/// What can be refused here.
pub(crate) struct Supported {
    pub(crate) files: bool,
    pub(crate) network: bool,
    /// Signals to processes outside, by Landlock; the filter of calls refuses them by itself.
    pub(crate) signals: bool,
    pub(crate) calls: bool,
}

pub(crate) fn supported() -> Supported {
    // Asks the kernel for a set of rules and drops it again; nothing is restricted by that.
    let knows = |abi: ABI| {
        let strict = Ruleset::default().set_compatibility(CompatLevel::HardRequirement);
        let files = strict.handle_access(AccessFs::from_all(abi));
        let rules = if abi >= ABI::V4 {
            files.and_then(|rules| rules.handle_access(AccessNet::from_all(abi)))
        } else {
            files
        };
        let rules = if abi >= ABI::V6 {
            rules.and_then(|rules| rules.scope(Scope::from_all(abi)))
        } else {
            rules
        };
        rules.and_then(Ruleset::create).is_ok()
    };
    let calls = std::fs::read_to_string("/proc/sys/kernel/seccomp/actions_avail");
    let calls = calls.is_ok_and(|actions| actions.contains("errno")) && filter().is_ok();
    Supported { files: knows(ABI::V1), network: knows(ABI::V4), signals: knows(ABI::V6), calls }
}

/// What a program needs to start, to compute, to read and write what is open, and to end. All else is refused, above
/// all: processes (`fork`, and `clone` but for threads), sockets, `io_uring`, and signals to others.
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
    for filter in [no_clone3(), filter()] {
        seccompiler::apply_filter(&filter.map_err(refused)?).map_err(refused)?;
    }
    Ok(())
}

fn refused(why: impl std::fmt::Display) -> Error {
    Error::Limit { what: "system calls", why: why.to_string() }
}

type Rules = BTreeMap<libc::c_long, Vec<SeccompRule>>;

/// `clone3` hides in memory what it is to clone, where no filter can look. The C library takes `clone` instead if the system
/// does not know it.
fn no_clone3() -> Result<BpfProgram, seccompiler::BackendError> {
    let rules = Rules::from([(libc::SYS_clone3, Vec::new())]);
    let unknown = SeccompAction::Errno(libc::ENOSYS as u32);
    let architecture = std::env::consts::ARCH.try_into()?;
    SeccompFilter::new(rules, SeccompAction::Allow, unknown, architecture)?.try_into()
}

fn filter() -> Result<BpfProgram, seccompiler::BackendError> {
    let first_is = |value: u64| {
        let argument = SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, value)?;
        SeccompRule::new(vec![argument])
    };
    let mut rules: Rules =
        CALLS.iter().chain(OLDER_CALLS).map(|&call| (call, Vec::new())).collect();
    rules.insert(libc::SYS_clone3, Vec::new()); // the other filter answers it
    // Its own limits can be read, and its own thread ended (`abort`); nobody else's.
    let own = u64::from(std::process::id());
    rules.insert(libc::SYS_prlimit64, vec![first_is(0)?]);
    rules.insert(libc::SYS_tgkill, vec![first_is(own)?]);
    // Of `fcntl` what looks at a channel or copies it: others have the kernel send signals to whom one names (F_SETOWN).
    let command = |command: libc::c_int| {
        let value = u64::from(command.unsigned_abs());
        let argument = SeccompCondition::new(1, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, value)?;
        SeccompRule::new(vec![argument])
    };
    let commands = [libc::F_GETFD, libc::F_SETFD, libc::F_GETFL, libc::F_DUPFD_CLOEXEC];
    rules.insert(libc::SYS_fcntl, commands.map(command).into_iter().collect::<Result<_, _>>()?);
    // A thread shares everything with its process; what is cloned without is another process.
    let thread = libc::CLONE_THREAD as u64;
    let is_thread =
        SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::MaskedEq(thread), thread)?;
    rules.insert(libc::SYS_clone, vec![SeccompRule::new(vec![is_thread])?]);
    let refuse = SeccompAction::Errno(libc::EPERM as u32);
    let architecture = std::env::consts::ARCH.try_into()?;
    SeccompFilter::new(rules, refuse, SeccompAction::Allow, architecture)?.try_into()
}
