//! The processor draws random numbers while the device computes.

use std::sync::mpsc::sync_channel;
use std::thread;

/// Calls `consume` with what `make` makes of each item, in their order. The next one is made meanwhile, on a thread of
/// its own. Ends with the first error.
pub(super) fn prefetch<I, T: Send, E>(
    items: impl Iterator<Item = I> + Send,
    make: impl Fn(I) -> T + Send,
    consume: impl FnMut(T) -> Result<(), E>,
) -> Result<(), E> {
    thread::scope(|scope| {
        let (sender, receiver) = sync_channel(1);
        scope.spawn(move || {
            for item in items {
                if sender.send(make(item)).is_err() {
                    break; // an error ended the other side
                }
            }
        });
        receiver.into_iter().try_for_each(consume)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_arrives_in_order_until_the_first_error() {
        let mut seen = Vec::new();
        let result = prefetch(
            0..1000,
            |i| i * i,
            |square| {
                seen.push(square);
                if square == 81 { Err(square) } else { Ok(()) }
            },
        );
        assert_eq!(result, Err(81));
        assert_eq!(seen, [0, 1, 4, 9, 16, 25, 36, 49, 64, 81]);
    }
}
