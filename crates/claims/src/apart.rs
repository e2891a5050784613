//! Work that several checks share.

use std::thread;

use rayon::ThreadPoolBuilder;

/// `make` in a pool of its own, started from a thread that belongs to none: for a model that is trained once and that
/// several checks look at.
///
/// In the caller's pool a thread that waits inside `make` would pick up other work, which may be another check that waits
/// for this very result.
///
/// ```
/// assert_eq!(claims::apart(|| 6 * 7), Ok(42));
/// ```
///
/// # Errors
/// If no thread can be had, or `make` panics.
pub fn apart<T: Send>(make: impl FnOnce() -> T + Send) -> Result<T, String> {
    let in_a_pool = || -> Result<T, String> {
        Ok(ThreadPoolBuilder::new().build().map_err(|error| error.to_string())?.install(make))
    };
    let thread = thread::scope(|scope| scope.spawn(in_a_pool).join());
    thread.unwrap_or_else(|_| Err("the training panicked".into()))
}
