//! Where the results on a data set go.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use data::Source;
use sha2::{Digest, Sha256};

use super::corpus::{LINE, RING, source};

/// Characters of a folder's name that are taken over: of four bytes each, two such names and a hash fit into one name.
const MOST: usize = 30;
/// Bytes of a path's hash: enough for the folders of one person.
const HASHED: usize = 4;

/// The folder, below `out`, of a run on this data set. A folder of images gets a name that no other folder has.
///
/// # Errors
/// If there is no such data set.
pub(super) fn place_of(out: &Path, data: &str) -> Result<PathBuf> {
    if [LINE, RING].contains(&data) {
        return Ok(out.join(data));
    }
    Ok(out.join(match source(data)? {
        Source::Folder(folder) => name_of(&folder)?,
        known => known.to_string(),
    }))
}

/// A name for an existing folder, the same however its path is spelled: its own and that of the folder around it, to be
/// read, and the beginning of its path's SHA-256, because many data sets lie in folders that are called alike
/// (`FashionMNIST/raw`, `KMNIST/raw`).
fn name_of(folder: &Path) -> Result<String> {
    let path = folder
        .canonicalize()
        .with_context(|| format!("cannot find out where {} is", folder.display()))?;
    let name = |path: &Path| -> Option<String> {
        let name = path.file_name()?.to_string_lossy().into_owned();
        // A hidden folder's results are not to be hidden.
        Some(name.trim_start_matches('.').chars().take(MOST).collect())
    };
    let around = path.parent().and_then(name);
    let hash = Sha256::digest(path.as_os_str().as_encoded_bytes());
    let hash = hash.iter().take(HASHED).map(|byte| format!("{byte:02x}")).collect();
    let parts = [around, name(&path), Some(hash)].into_iter().flatten();
    Ok(parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;

    use super::*;

    /// The folders of `names` in an empty one, each with the name of its results.
    fn named(names: &[&str]) -> Vec<String> {
        let temporary = tempfile::tempdir().expect("a temporary folder");
        let name = |name: &&str| {
            let folder = temporary.path().join(name);
            fs::create_dir_all(&folder).expect("a folder");
            name_of(&folder).expect("an existing folder")
        };
        names.iter().map(name).collect()
    }

    #[test]
    fn no_two_folders_share_a_name() {
        let (long, wide) = ("x".repeat(200), "🎲".repeat(60));
        let folders = [
            "FashionMNIST/raw",
            "KMNIST/raw",
            "a/KMNIST/raw",
            "a-b/c",
            "a/b-c",
            "x/a/b-c",
            "ring",
            "mnist",
            ".hidden/raw",
            "hidden/raw",
            "a b/c",
            &format!("{long}/{long}1"),
            &format!("{long}/{long}2"),
            &format!("{wide}/{wide}"),
        ];
        let names = named(&folders);
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), folders.len(), "{names:?}");
        for (folder, name) in folders.iter().zip(&names) {
            assert!(!name.starts_with('.') && !name.contains(['/', '\\']), "{folder}: {name}");
            assert!(name.len() < 255, "{folder}: {name}");
            assert!(!["ring", "mnist", "optdigits", "compare"].contains(&name.as_str()));
        }
        assert!(names[0].starts_with("FashionMNIST-raw-"), "{}", names[0]);
        assert!(names[1].starts_with("KMNIST-raw-"), "{}", names[1]);
    }

    /// By `printf / | sha256sum`.
    #[cfg(unix)]
    #[test]
    fn a_folder_without_a_name_has_its_hash() {
        assert_eq!(name_of(Path::new("/")).expect("it exists"), "8a5edab2");
    }

    #[test]
    fn however_a_folder_is_spelled_its_name_is_one() {
        let temporary = tempfile::tempdir().expect("a temporary folder");
        let folder = temporary.path().join("set/raw");
        fs::create_dir_all(&folder).expect("a folder");
        let name = name_of(&folder).expect("an existing folder");
        for spelled in ["set/raw/", "set/./raw", "set/../set/raw"] {
            assert_eq!(name_of(&temporary.path().join(spelled)).expect("the same"), name);
        }
        #[cfg(unix)]
        {
            let link = temporary.path().join("link");
            std::os::unix::fs::symlink(&folder, &link).expect("a link");
            assert_eq!(name_of(&link).expect("the same"), name);
        }
    }

    #[test]
    fn known_sets_keep_their_names() {
        for known in ["ring", "gaussian1d", "mnist", "optdigits"] {
            let place = place_of(Path::new("out"), known).expect("known");
            assert_eq!(place, Path::new("out").join(known));
        }
        let unknown = place_of(Path::new("out"), "rings").unwrap_err().to_string();
        assert!(unknown.contains("mnist, optdigits, ring, gaussian1d"), "{unknown}");
    }
}
