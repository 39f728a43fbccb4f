//! `routes.golden`: every route with what it needs, as a diff to read.

use std::fmt::Write;
use std::path::Path;

use super::house::House;

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../conformance/routes.golden");

#[tokio::test]
async fn the_routes_and_what_they_need_are_those_of_the_golden_file() {
    let house = House::demo().await;
    let mut text = String::from("# Every route and what it needs. Rewrite with `cargo xtask bless`.\n");
    print(&mut text, &house.app);
    text.push_str("# On the own machine's port of --identity-listen alone.\n");
    print(&mut text, &house.identity_app());
    if std::env::var_os("CUPOLA_BLESS").is_some() {
        std::fs::write(GOLDEN, &text).unwrap();
    }
    let golden = std::fs::read_to_string(Path::new(GOLDEN)).unwrap_or_default();
    assert!(golden == text, "routes.golden differs; read the diff after `cargo xtask bless`:\n{text}");
}

fn print(text: &mut String, app: &access::App) {
    for (info, _) in app.routes() {
        let list = if info.is_list { ", filtered by what is visible" } else { "" };
        let own = if info.is_open_about_oneself { "; about oneself any token" } else { "" };
        let (verb, plane) = (info.verb.as_str(), info.plane.as_str());
        writeln!(text, "{plane:<9} {verb:<6} {}\n{:17}{}{list}{own}", info.template, "", info.needs.join(" and "))
            .unwrap();
    }
}
