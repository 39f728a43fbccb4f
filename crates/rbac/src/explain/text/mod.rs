//! Explanations and lists as text for a terminal: short lines, two spaces a level, nothing that a terminal obeys.

mod explanation;
mod holding;
mod page;
mod trace;
mod what_can;
mod who_can;

use std::fmt;

use uuid::Uuid;

use super::explanation::Explanation;
use super::what_can::WhatCan;
use super::who_can::WhoCan;
use page::Page;

/// Names of principals, for people: what the directory calls them. Without a name the object id stands alone.
pub type NameOf<'a> = &'a dyn Fn(Uuid) -> Option<String>;

const NO_NAMES: NameOf<'static> = &|_| None;

impl Explanation {
    /// As text, with names beside object ids where they are known.
    pub fn text(&self, name_of: NameOf<'_>) -> String {
        let mut page = Page::new(name_of);
        explanation::write(self, &mut page);
        page.into_text()
    }
}

impl WhoCan {
    /// As text, with names beside object ids where they are known.
    pub fn text(&self, name_of: NameOf<'_>) -> String {
        let mut page = Page::new(name_of);
        who_can::write(self, &mut page);
        page.into_text()
    }
}

impl WhatCan {
    /// As text, with names beside object ids where they are known.
    pub fn text(&self, name_of: NameOf<'_>) -> String {
        let mut page = Page::new(name_of);
        what_can::write(self, &mut page);
        page.into_text()
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(NO_NAMES))
    }
}

impl fmt::Display for WhoCan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(NO_NAMES))
    }
}

impl fmt::Display for WhatCan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(NO_NAMES))
    }
}
