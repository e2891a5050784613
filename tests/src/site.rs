//! A built book, and the walk through all its pages.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use crate::browser::{Browser, on_path};
use crate::faults::{Fault, Finding};
use crate::page::{Page, View};
use crate::{figures, links, probes, server};

/// A folder of pages, served from this machine.
pub struct Site {
    folder: PathBuf,
    address: String,
    /// Removed with the site.
    _temporary: Option<TempDir>,
}

impl Site {
    /// The folder of the book's sources.
    pub fn book() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../book")
    }

    /// The course's book, built by `mdbook`; `None` if mdbook is not installed.
    ///
    /// # Errors
    /// If the book does not build: mdbook's own words are in the error.
    pub fn of_the_book() -> Result<Option<Self>> {
        let Some(mdbook) = on_path("mdbook") else { return Ok(None) };
        let folder = tempfile::tempdir().context("no folder to build the book in")?;
        let build = Command::new(mdbook)
            .arg("build")
            .arg(Self::book())
            .arg("--dest-dir")
            .arg(folder.path())
            .output()
            .context("mdbook could not be started")?;
        let said = String::from_utf8_lossy(&build.stderr);
        ensure!(build.status.success(), "`mdbook build book` failed:\n{said}");
        let mut site = Self::of(&folder.path().join("html"))?;
        site._temporary = Some(folder);
        Ok(Some(site))
    }

    /// The pages of a folder.
    ///
    /// # Errors
    /// If no port can be opened.
    pub fn of(folder: &Path) -> Result<Self> {
        let address = server::serve(folder)?;
        Ok(Self { folder: folder.to_owned(), address, _temporary: None })
    }

    /// Where the site is, with a slash at the end.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Where the pages lie.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The file that an address of this site names.
    pub(crate) fn file(&self, address: &str) -> Option<PathBuf> {
        server::file(&self.folder, address.strip_prefix(&self.address)?)
    }

    /// Every page, as a path with slashes, in order.
    ///
    /// # Errors
    /// If a folder cannot be read.
    pub fn pages(&self) -> Result<Vec<String>> {
        let mut pages = Vec::new();
        let mut folders = vec![self.folder.clone()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder)? {
                let path = entry?.path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|ending| ending == "html") {
                    let page = path.strip_prefix(&self.folder).expect("a file of this folder");
                    pages.push(page.to_string_lossy().replace('\\', "/"));
                }
            }
        }
        // mdBook's table of contents for browsers without JavaScript: the inside of a frame.
        pages.retain(|page| page != "toc.html");
        pages.sort();
        Ok(pages)
    }

    /// Looks at every page in every view, and operates every interactive figure.
    ///
    /// # Errors
    /// If the browser fails. What is wrong with the pages is no error but a finding.
    pub fn inspect(&self, browser: &mut Browser) -> Result<Vec<Finding>> {
        let mut findings = Vec::new();
        let mut all_links = BTreeMap::new();
        for name in self.pages()? {
            for view in View::ALL {
                let address = format!("{}{name}", self.address);
                let mut page = Page::open(browser, &address, view).with_context(|| name.clone())?;
                let mut found = |fault, what| {
                    let (page, view) = (name.clone(), view.to_string());
                    findings.push(Finding { fault, page, view, what });
                };
                for (fault, probe) in probes::FAULTS {
                    let complaints: Vec<String> =
                        page.probe(probe).with_context(|| format!("{name}, {fault:?}"))?;
                    complaints.into_iter().for_each(|what| found(fault, what));
                }
                // The book on one page has the same figures once more, and a browser is slow on it.
                let wrong = if view.dark || name == "print.html" {
                    figures::start(&mut page)
                } else {
                    figures::operate(&mut page, self, view)
                };
                let wrong = wrong.with_context(|| format!("{name}, figures"))?;
                wrong.into_iter().for_each(|what| found(Fault::Figure, what));
                for (fault, what) in page.troubles()? {
                    found(*fault, what.replace(&self.address, ""));
                }
                if view == View::ALL[0] {
                    all_links.insert(name.clone(), page.probe(probes::LINKS)?);
                }
            }
        }
        for (page, what) in links::wrong(&all_links, self) {
            findings.push(Finding { fault: Fault::Link, page, view: "any".into(), what });
        }
        Ok(findings)
    }
}
