//! What holds for all paths.

use arm::{ArmPath, RequestPath, Scope};
use proptest::prelude::*;

fn name() -> impl Strategy<Value = String> {
    "[A-Za-z0-9_()-][A-Za-z0-9._()-]{0,12}"
}

/// Ids by the grammar: an optional subscription and group, then provider chains.
fn id() -> impl Strategy<Value = String> {
    let chain = (name(), prop::collection::vec((name(), name()), 1..3));
    let front = prop_oneof![
        Just(String::new()),
        name().prop_map(|s| format!("/subscriptions/{s}")),
        (name(), name()).prop_map(|(s, g)| format!("/SubScriptions/{s}/resourcegroups/{g}")),
    ];
    (front, prop::collection::vec(chain, 0..3)).prop_map(|(front, chains)| {
        let chains = chains.into_iter().map(|(namespace, pairs)| {
            let pairs: String = pairs.into_iter().map(|(kind, name)| format!("/{kind}/{name}")).collect();
            format!("/Providers/{namespace}{pairs}")
        });
        let text = front + &chains.collect::<String>();
        if text.is_empty() { "/".to_owned() } else { text }
    })
}

proptest! {
    #[test]
    fn printing_a_scope_and_reading_it_again_changes_nothing(id in id()) {
        let scope = Scope::parse(&id).unwrap();
        let again = Scope::parse(scope.as_str()).unwrap();
        prop_assert_eq!(scope.as_str(), again.as_str());
        prop_assert_eq!(scope.key(), id.to_ascii_lowercase());
    }

    #[test]
    fn containment_is_being_among_the_segments(a in id(), b in id(), cut in 0_usize..12) {
        let (a, b) = (Scope::parse(&a).unwrap(), Scope::parse(&b).unwrap());
        let segments = |scope: &Scope| -> Vec<String> {
            scope.key().split('/').filter(|s| !s.is_empty()).map(str::to_owned).collect()
        };
        prop_assert_eq!(a.contains(&b), segments(&b).starts_with(&segments(&a)));
        let above = a.ancestors().nth(cut).unwrap_or_else(Scope::root);
        prop_assert!(above.contains(&a));
        prop_assert_eq!(a.contains(&above), above == a);
    }

    #[test]
    fn ancestors_shrink_and_end_at_the_root(id in id()) {
        let scope = Scope::parse(&id).unwrap();
        let ancestors: Vec<Scope> = scope.ancestors().collect();
        prop_assert!(ancestors.last().unwrap().is_root());
        prop_assert!(ancestors.windows(2).all(|pair| pair[1].contains(&pair[0]) && pair[0] != pair[1]));
        let keys: Vec<&str> = scope.ancestor_keys().collect();
        prop_assert_eq!(keys, ancestors.iter().map(Scope::key).collect::<Vec<_>>());
    }

    #[test]
    fn the_url_of_an_item_names_it(id in id()) {
        let scope = Scope::parse(&id).unwrap();
        let path = RequestPath::normalise(&id).unwrap();
        match ArmPath::parse(&path) {
            Ok(path) => {
                prop_assert_eq!(path.item.as_ref(), Some(&scope));
                prop_assert_eq!(Some(path.base), scope.parent());
            }
            Err(_) => prop_assert!(scope.is_root()),
        }
    }

    #[test]
    fn case_is_never_seen(id in id()) {
        prop_assert_eq!(Scope::parse(&id.to_ascii_uppercase()).unwrap(), Scope::parse(&id).unwrap());
    }

    #[test]
    fn any_text_is_read_or_refused_and_what_is_read_is_clean(raw in "\\PC{0,40}|[/a-z.%0-9;]{0,40}") {
        if let Ok(path) = RequestPath::normalise(&raw) {
            prop_assert!(path.as_str().is_ascii());
            prop_assert!(path.segments().all(|s| s != "." && s != ".." && !s.is_empty()));
            prop_assert_eq!(RequestPath::normalise(path.as_str()).unwrap(), path.clone());
            let _ = ArmPath::parse(&path);
        }
        let _ = Scope::parse(&raw);
    }
}
