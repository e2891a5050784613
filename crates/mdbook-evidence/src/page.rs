//! A page of the book, and what its file's name says.

/// A page before it is expanded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The file, relative to `src`: `ch06-gaussian-kl.md`.
    pub file: String,
    /// Its Markdown.
    pub text: String,
}

impl Page {
    /// What `{{chapter …}}` calls it: the file's name without number and extension.
    #[must_use]
    pub fn slug(&self) -> &str {
        let stem = self.stem();
        match stem.split_once('-') {
            Some((number, slug)) if number_of(number).is_some() => slug,
            _ => stem,
        }
    }

    /// The chapter's number, if it has one.
    #[must_use]
    pub fn number(&self) -> Option<u32> {
        number_of(self.stem().split('-').next()?)
    }

    /// What its formulas' and figures' numbers begin with: the chapter's number, or the page's initial.
    #[must_use]
    pub fn prefix(&self) -> String {
        match self.number() {
            Some(number) => number.to_string(),
            None => self.stem().chars().take(1).flat_map(char::to_uppercase).collect(),
        }
    }

    /// The page that mdBook makes of it.
    #[must_use]
    pub fn html(&self) -> String {
        format!("{}.html", self.stem())
    }

    /// The line that a byte is in, from 1.
    #[must_use]
    pub fn line(&self, offset: usize) -> usize {
        1 + self.text.as_bytes()[..offset].iter().filter(|&&byte| byte == b'\n').count()
    }

    fn stem(&self) -> &str {
        self.file.strip_suffix(".md").unwrap_or(&self.file)
    }
}

/// 6 for `ch06`.
fn number_of(word: &str) -> Option<u32> {
    word.strip_prefix("ch")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_slug_number_and_prefix() {
        let page = |file: &str| Page { file: file.into(), text: "a\nb\nc".into() };
        let chapter = page("ch06-gaussian-kl.md");
        assert_eq!((chapter.slug(), chapter.number()), ("gaussian-kl", Some(6)));
        assert_eq!(
            (chapter.prefix(), chapter.html()),
            ("6".into(), "ch06-gaussian-kl.html".into())
        );
        let other = page("testing.md");
        assert_eq!((other.slug(), other.number(), other.prefix()), ("testing", None, "T".into()));
        assert_eq!([0, 1, 2, 4].map(|offset| other.line(offset)), [1, 1, 2, 3]);
    }
}
