//! Where links lead.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::server::percent_decoded;
use crate::site::Site;

/// What `probes/links.js` finds on a page.
#[derive(Deserialize)]
pub(crate) struct Links {
    ids: Vec<String>,
    links: Vec<Link>,
}

#[derive(Deserialize)]
struct Link {
    address: String,
    name: String,
}

/// What is wrong with the links between pages: the page, and a sentence.
///
/// Addresses outside of the book are not looked at: there is no network.
pub(crate) fn wrong(pages: &BTreeMap<String, Links>, site: &Site) -> Vec<(String, String)> {
    let mut wrong = Vec::new();
    for (page, Links { ids, links }) in pages {
        let mut seen = BTreeSet::new();
        for id in ids {
            if !seen.insert(id) {
                wrong.push((page.clone(), format!("the anchor #{id} is there more than once")));
            }
        }
        for Link { address, name } in links {
            if let Some(what) = complaint(address, pages, site) {
                wrong.push((page.clone(), format!("the link {name} {what}")));
            }
        }
    }
    wrong
}

/// What is wrong with one address, if anything.
fn complaint(address: &str, pages: &BTreeMap<String, Links>, site: &Site) -> Option<String> {
    let path = address.strip_prefix(site.address())?;
    let (path, anchor) = path.split_once('#').unwrap_or((path, ""));
    if site.file(address).is_none() {
        return Some(format!("leads to {path}, which is not there"));
    }
    if anchor.is_empty() {
        return None;
    }
    let page = if path.is_empty() { "index.html" } else { path };
    let Some(Links { ids, .. }) = pages.get(page) else {
        return Some(format!("leads to an anchor of {page}, which is no page of the book"));
    };
    let anchor = percent_decoded(anchor)?;
    (!ids.contains(&anchor)).then(|| format!("leads to #{anchor}, which is not on {page}"))
}
