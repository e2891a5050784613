//! Where a student's code panicked.

use std::any::Any;
use std::backtrace::Backtrace;
use std::env::current_dir;
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
    let own = info.location().and_then(|at: &Location<'_>| of_student(at.file(), at.line(), glue));
    own.or_else(|| calling(&Backtrace::force_capture().to_string(), &current_dir().ok()?, glue))
}

/// The first line of a backtrace, from the panic outwards, that is the student's. They read
/// `             at ./lab/src/lib.rs:12:5`, from the current folder.
fn calling(backtrace: &str, current: &Path, glue: &str) -> Option<Place> {
    backtrace.lines().find_map(|line| {
        let mut parts = line.trim().strip_prefix("at ")?.rsplitn(3, ':');
        let (_column, line, file) = (parts.next()?, parts.next()?, parts.next()?);
        let file = current.join(file.trim_start_matches("./"));
        of_student(file.to_str()?, line.parse().ok()?, glue)
    })
}

/// The place, if it is in a file beside the glue, and not in the glue itself.
fn of_student(file: &str, line: u32, glue: &str) -> Option<Place> {
    let (file, glue) = (Path::new(file), Path::new(glue));
    let (name, folder) = (file.file_name()?, glue.parent()?);
    let theirs = file.parent()?.ends_with(folder) && Some(name) != glue.file_name();
    theirs.then(|| Place { file: folder.join(name).display().to_string(), line })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GLUE: &str = "chapters/ch06/lab/src/main.rs";

    fn place(line: u32) -> Option<Place> {
        Some(Place { file: "chapters/ch06/lab/src/lib.rs".into(), line })
    }

    #[test]
    fn the_students_file_is_beside_the_glue() {
        let of = |file| of_student(file, 3, GLUE);
        assert_eq!(of("chapters/ch06/lab/src/lib.rs"), place(3));
        assert_eq!(of("/home/me/course/chapters/ch06/lab/src/lib.rs"), place(3));
        assert_eq!(of("chapters/ch06/lab/src/main.rs"), None);
        assert_eq!(of("chapters/ch05/lab/src/lib.rs"), None);
        assert_eq!(of("/rustc/0123/library/core/src/slice/index.rs"), None);
    }

    #[test]
    fn a_backtrace_leads_to_the_students_line() {
        let backtrace = "   4: ndarray::arraytraits::array_out_of_bounds
             at /home/me/.cargo/registry/ndarray/src/arraytraits.rs:31:5
   5: lab_ch06::full_covariance_kl
             at ./lab/src/lib.rs:21:9
   6: lab_ch06::main
             at ./lab/src/main.rs:9:71";
        let current = Path::new("/home/me/course/chapters/ch06");
        assert_eq!(calling(backtrace, current, GLUE), place(21));
        assert_eq!(calling("no frames", current, GLUE), None);
    }
}
