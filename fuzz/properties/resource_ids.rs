//! What holds of every text that somebody sends as a path or as a resource id.

use arm::{ArmPath, MAX_PATH_BYTES, RequestPath, Scope};

/// Panics where something does not hold of `data`.
pub(crate) fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(path) = RequestPath::normalise(text) {
        check_path(text, &path);
    }
    if let Ok(scope) = Scope::parse(text) {
        check_scope(&scope);
    }
}

/// A path that is let through reads the same to everybody.
fn check_path(raw: &str, path: &RequestPath) {
    let text = path.as_str();
    assert!(raw.len() <= MAX_PATH_BYTES && text.starts_with('/') && text.is_ascii(), "{raw:?} became {text:?}");
    assert!(text == "/" || !text.ends_with('/'), "{text:?}");
    for segment in path.segments() {
        assert!(!matches!(segment, "" | "." | ".."), "{text:?}");
        assert!(!segment.contains(['%', ';', '?', '#', '\\', ' ']), "{text:?}");
        assert!(!segment.bytes().any(|byte| byte.is_ascii_control()), "{text:?}");
    }
    let again = RequestPath::normalise(text).expect("what was normalised is sound");
    assert_eq!(again.as_str(), text, "decoding happens once");
    if let Ok(named) = ArmPath::parse(path) {
        if let Some(item) = &named.item {
            assert!(named.base.contains(item) && named.base != *item, "{item} is not below {}", named.base);
            assert_eq!(item.key(), path.key(), "an item is what its path says");
        }
        let upper = RequestPath::normalise(&text.to_ascii_uppercase()).expect("letters change nothing");
        let same = ArmPath::parse(&upper).expect("letters change nothing");
        assert_eq!((same.base, same.item), (named.base, named.item), "{text:?}");
        assert_eq!(same.resource_type.key(), named.resource_type.key(), "{text:?}");
    }
}

/// A scope is what its text says, and no prefix of a longer name.
fn check_scope(scope: &Scope) {
    let again = Scope::parse(scope.as_str()).expect("a printed id is an id");
    assert_eq!((again.as_str(), again.key()), (scope.as_str(), scope.key()));
    assert_eq!(scope.key(), scope.as_str().to_ascii_lowercase());
    assert_eq!(Scope::parse(&scope.as_str().to_ascii_uppercase()).as_ref(), Ok(scope), "letters change nothing");
    let ancestors: Vec<Scope> = scope.ancestors().collect();
    assert!(ancestors.last().is_some_and(Scope::is_root), "{scope}");
    for above in &ancestors {
        assert!(above.contains(scope), "{above} does not contain {scope}");
        assert!(above == scope || !scope.contains(above), "{scope} contains {above}");
    }
    if let (false, Ok(longer)) = (scope.is_root(), Scope::parse(&format!("{scope}b"))) {
        assert!(!scope.contains(&longer) && !longer.contains(scope), "{scope} is taken for {longer}");
    }
}
