//! A built book, and the walk through all its pages.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

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

    /// Looks at every page in every view, and operates every interactive figure: a thread for each browser.
    ///
    /// # Errors
    /// If a browser fails. What is wrong with the pages is no error but a finding.
    ///
    /// # Panics
    /// If a thread did.
    pub fn inspect(&self, browsers: &mut [Browser]) -> Result<Vec<Finding>> {
        let pages = self.pages()?;
        let looks: Vec<(&String, View)> =
            pages.iter().flat_map(|page| View::ALL.map(|view| (page, view))).collect();
        let (next, seen) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
        let walk = |browser: &mut Browser| -> Result<()> {
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(&(page, view)) = looks.get(index) else { return Ok(()) };
                let look = self.look(browser, page, view)?;
                seen.lock().expect("no thread panicked").insert(index, look);
            }
        };
        std::thread::scope(|scope| {
            let start = |browser| scope.spawn(|| walk(browser));
            let threads: Vec<_> = browsers.iter_mut().map(start).collect();
            threads.into_iter().try_for_each(|thread| thread.join().expect("no thread panicked"))
        })?;

        let mut findings = Vec::new();
        let mut all_links = BTreeMap::new();
        for (index, look) in seen.into_inner().expect("no thread panicked") {
            findings.extend(look.findings);
            if let Some(links) = look.links {
                all_links.insert(looks[index].0.clone(), links);
            }
        }
        for (page, what) in links::wrong(&all_links, self) {
            findings.push(Finding { fault: Fault::Link, page, view: "any".into(), what });
        }
        Ok(findings)
    }

    /// One page in one view.
    fn look(&self, browser: &mut Browser, name: &str, view: View) -> Result<Look> {
        let address = format!("{}{name}", self.address);
        let mut page = Page::open(browser, &address, view).with_context(|| name.to_owned())?;
        let mut findings = Vec::new();
        let mut found = |fault, what| {
            findings.push(Finding { fault, page: name.into(), view: view.to_string(), what });
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
        let links = if view == View::ALL[0] { Some(page.probe(probes::LINKS)?) } else { None };
        Ok(Look { findings, links })
    }
}

/// What one page shows in one view.
struct Look {
    findings: Vec<Finding>,
    /// The page's links, of one of the views.
    links: Option<links::Links>,
}
