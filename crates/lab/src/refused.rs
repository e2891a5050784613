//! What a student's file may not say.

/// The lint that keeps `unsafe` out of the labs, denied in their manifests. A file that names it could allow it again.
const LINT: &str = "unsafe_code";

/// Why a file is not even compiled, for the student to read, if so: at home and by the grader alike.
#[must_use]
pub fn refused(text: &str) -> Option<String> {
    text.contains(LINT).then(|| {
        format!("It names the lint `{LINT}`, which keeps unsafe code out of the labs: leave that line out.")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lint_cannot_be_undone() {
        for text in ["#![allow(unsafe_code)]", "#[expect(unsafe_code)] fn f() {}", "// unsafe_code"]
        {
            assert!(refused(text).is_some(), "{text}");
        }
        assert_eq!(refused("fn f() -> f64 { 1.0 } // nothing unsafe"), None);
    }
}
