#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use minijinja::context;

use super::PAGES;

#[test]
fn every_template_is_one_and_escapes_what_it_is_given() {
    let pages = PAGES.as_ref().unwrap();
    let canary = "\"><script>alert(1)</script>'&";
    for (name, _) in super::TEMPLATES {
        let fields = vec![vec![canary, canary]];
        let values = context! {
            title => canary, tenant => canary, error => canary, field => canary, client => canary, user_code => canary,
            username => canary, domain => canary, typed => canary, action => canary, text => canary, fields,
        };
        let html = pages.get_template(name).unwrap().render(values).unwrap();
        assert!(!html.contains("<script>alert") && !html.contains(canary), "{name}: {html}");
        assert!(html.contains("&lt;script&gt;"), "{name}");
    }
}

#[test]
fn the_inlined_texts_cannot_end_their_elements() {
    assert!(!super::STYLE.contains('<') && !super::SCRIPT.contains('<'));
}
