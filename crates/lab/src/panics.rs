//! Where a student's code panicked.

use std::any::Any;
use std::backtrace::Backtrace;
use std::panic::{self, Location, PanicHookInfo};
use std::path::Path;
use std::sync::Mutex;

use crate::{Failure, Place};

/// The first panic since [`forget`]: a thread that panics takes the one that waits for it along, and the first is the cause.
static FIRST: Mutex<Option<Failure>> = Mutex::new(None);

fn first() -> std::sync::MutexGuard<'static, Option<Failure>> {
    FIRST.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// From now on panics are remembered instead of printed. `glue` is the file beside the student's.
pub(crate) fn remember(glue: &'static str) {
    panic::set_hook(Box::new(move |info| {
        let failure = failure(message(info.payload()), place(info, glue));
        first().get_or_insert(failure);
    }));
}

pub(crate) fn forget() {
    *first() = None;
}

/// What has happened, told by the hook if there is one, and else by the panic that was caught.
pub(crate) fn caught(payload: &(dyn Any + Send)) -> Failure {
    first().take().unwrap_or_else(|| failure(message(payload), None))
}

fn failure(message: &str, place: Option<Place>) -> Failure {
    // What `todo!()` and `unimplemented!()` say.
    if message.starts_with("not yet implemented") || message.starts_with("not implemented") {
        Failure::NotDone
    } else {
        Failure::Panicked { message: message.to_owned(), place }
    }
}

fn message(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a panic without a message")
}

/// The line of the student's file: the panic's own, or of who called whatever panicked.
fn place(info: &PanicHookInfo<'_>, glue: &str) -> Option<Place> {
    let own = info.location().map(|at: &Location<'_>| (at.file(), at.line()));
    let at = own
        .filter(|(file, _)| is_the_students(file, glue))
        .map(|(file, line)| Place { file: file.to_owned(), line });
    at.or_else(|| calling(&Backtrace::force_capture().to_string(), glue))
}

/// Beside the glue, and not the glue itself.
fn is_the_students(file: &str, glue: &str) -> bool {
    let (file, glue) = (Path::new(file), Path::new(glue));
    let folder = glue.parent().unwrap_or(Path::new(""));
    file.parent().is_some_and(|parent| parent.ends_with(folder))
        && file.file_name() != glue.file_name()
}

/// The first line of a backtrace, from the panic outwards, that is the student's. They read
/// `             at ./chapters/…/lab/src/lib.rs:12:5`.
fn calling(backtrace: &str, glue: &str) -> Option<Place> {
    backtrace.lines().find_map(|line| {
        let mut parts = line.trim().strip_prefix("at ")?.rsplitn(3, ':');
        let (_column, line, file) = (parts.next()?, parts.next()?, parts.next()?);
        let file = file.trim_start_matches("./");
        let line = line.parse().ok()?;
        is_the_students(file, glue).then(|| Place { file: file.to_owned(), line })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GLUE: &str = "chapters/ch06/lab/src/main.rs";

    #[test]
    fn the_students_file_is_beside_the_glue() {
        assert!(is_the_students("chapters/ch06/lab/src/lib.rs", GLUE));
        assert!(is_the_students("/home/me/course/chapters/ch06/lab/src/lib.rs", GLUE));
        assert!(!is_the_students("chapters/ch06/lab/src/main.rs", GLUE));
        assert!(!is_the_students("chapters/ch05/lab/src/lib.rs", GLUE));
        assert!(!is_the_students("/rustc/0123/library/core/src/slice/index.rs", GLUE));
    }

    #[test]
    fn a_backtrace_leads_to_the_students_line() {
        let backtrace = "   4: ndarray::arraytraits::array_out_of_bounds
             at /home/me/.cargo/registry/ndarray/src/arraytraits.rs:31:5
   5: lab_ch06::full_covariance_kl
             at ./chapters/ch06/lab/src/lib.rs:21:9
   6: lab_ch06::main
             at ./chapters/ch06/lab/src/main.rs:9:71";
        let place = Place { file: "chapters/ch06/lab/src/lib.rs".into(), line: 21 };
        assert_eq!(calling(backtrace, GLUE), Some(place));
        assert_eq!(calling("no frames", GLUE), None);
    }
}
