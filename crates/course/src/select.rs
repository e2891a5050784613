//! Choosing claims by name.

use claims::AnyClaim;

use crate::{CHAPTERS, Chapter};

/// A name that nothing of the course has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// The name.
    pub name: String,
    /// The known name that looks most like it.
    pub nearest: String,
}

impl Unknown {
    fn new<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Self {
        let like = |known: &str| strsim::jaro_winkler(known, name);
        let nearest = known.max_by(|a, b| like(a).total_cmp(&like(b))).unwrap_or_default();
        Self { name: name.to_owned(), nearest: nearest.to_owned() }
    }
}

impl std::fmt::Display for Unknown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { name, nearest } = self;
        write!(
            f,
            "there is no chapter or claim `{name}`; did you mean `{nearest}`? \
             `cargo course verify --list` lists all"
        )
    }
}

impl std::error::Error for Unknown {}

/// The claims that `name` means: of a chapter (`ch06-gaussian-kl`, `ch06` or `gaussian-kl`), a single
/// one (`gaussian-kl/closed-form`), or all of them (`None`).
///
/// # Errors
/// [`Unknown`], with the nearest name.
pub fn select(name: Option<&str>) -> Result<Vec<Box<dyn AnyClaim>>, Unknown> {
    let Some(name) = name else { return Ok(crate::all_claims()) };
    if let Some(chapter) = chapter(name) {
        return Ok((chapter.claims)());
    }
    let claims = crate::all_claims();
    let known = CHAPTERS.iter().flat_map(names_of).chain(claims.iter().map(|claim| claim.id()));
    let unknown = Unknown::new(name, known);
    let chosen: Vec<_> = claims.into_iter().filter(|claim| claim.id() == name).collect();
    if chosen.is_empty() { Err(unknown) } else { Ok(chosen) }
}

/// The chapters with these names, or all that have a program if there are none.
///
/// # Errors
/// [`Unknown`], with the nearest name.
pub(crate) fn chapters(names: &[String]) -> Result<Vec<&'static Chapter>, Unknown> {
    // The claims about the tests themselves are of no chapter.
    let with_program = || CHAPTERS.iter().filter(|chapter| chapter.slug() != "testing");
    if names.is_empty() {
        return Ok(with_program().collect());
    }
    let find = |name: &String| {
        let found = with_program().find(|chapter| names_of(chapter).contains(&name.as_str()));
        found.ok_or_else(|| Unknown::new(name, with_program().flat_map(names_of)))
    };
    names.iter().map(find).collect()
}

fn chapter(name: &str) -> Option<&'static Chapter> {
    CHAPTERS.iter().find(|chapter| names_of(chapter).contains(&name))
}

/// What a chapter may be called.
fn names_of(chapter: &Chapter) -> [&'static str; 3] {
    let number = chapter.name.split_once('-').map_or(chapter.name, |(number, _)| number);
    [chapter.name, number, chapter.slug()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(name: &str) -> Vec<&'static str> {
        select(Some(name)).expect("a known name").iter().map(|claim| claim.id()).collect()
    }

    #[test]
    fn a_chapter_has_three_names_and_a_claim_one() {
        let all = ids("ch06-gaussian-kl");
        assert!(!all.is_empty() && all.iter().all(|id| id.starts_with("gaussian-kl/")), "{all:?}");
        assert_eq!(ids("ch06"), all);
        assert_eq!(ids("gaussian-kl"), all);
        assert_eq!(ids(all[0]), [all[0]]);
    }

    #[test]
    fn an_unknown_name_suggests_the_nearest() {
        let error = |name| select(Some(name)).err().expect("an unknown name").to_string();
        assert!(error("gausian-kl").contains("did you mean `gaussian-kl`"));
        assert!(error("ch7").contains("did you mean `ch07`"));
        assert!(error("").contains("--list"));
    }
}
