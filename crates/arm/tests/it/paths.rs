//! Path tricks: what names the same thing twice, or another thing than it seems, is refused.

use arm::{MAX_PATH_BYTES, MAX_PATH_SEGMENTS, PathError, RequestPath, Scope};

fn status(raw: &str) -> u16 {
    match RequestPath::normalise(raw) {
        Ok(path) => panic!("`{raw}` was read as `{path}`"),
        Err(error) => error.status(),
    }
}

fn read(raw: &str) -> String {
    RequestPath::normalise(raw).unwrap().as_str().to_owned()
}

#[test]
fn encoded_slash_is_refused() {
    assert_eq!(status("/subscriptions/a%2Fb"), 400);
    assert_eq!(status("/subscriptions/a%2fresourceGroups%2fb"), 400);
    assert_eq!(status("/subscriptions/a%5Cb"), 400);
    assert_eq!(status("/subscriptions/a\\b"), 400);
}

#[test]
fn dot_segments_are_refused_plain_and_encoded() {
    for raw in ["/a/./b", "/a/../b", "/a/..", "/.", "/a/%2e/b", "/a/%2E%2e/b", "/a/.%2e"] {
        assert_eq!(RequestPath::normalise(raw), Err(PathError::DotSegment), "{raw}");
    }
    assert_eq!(read("/a/..b/c."), "/a/..b/c.");
}

#[test]
fn doubled_and_trailing_slashes_collapse() {
    assert_eq!(read("/subscriptions/s//resourceGroups/r"), "/subscriptions/s/resourceGroups/r");
    assert_eq!(read("//subscriptions/s/"), "/subscriptions/s");
    assert_eq!(read("///"), "/");
}

#[test]
fn letters_outside_ascii_are_refused() {
    let full_width = "/subscriptions/\u{FF41}cc";
    let decomposed = "/subscriptions/e\u{301}";
    let kelvin = "/subscriptions/\u{212A}";
    let dotless = "/subscriptions/\u{131}d";
    let zero_width = "/subscriptions/a\u{200B}b";
    for raw in [full_width, decomposed, kelvin, dotless, zero_width] {
        assert_eq!(RequestPath::normalise(raw), Err(PathError::NotAscii), "{raw}");
        assert_eq!(Scope::parse(raw), Err(PathError::NotAscii), "{raw}");
    }
    assert_eq!(status("/subscriptions/%E2%84%AA"), 400);
    assert_eq!(status("/subscriptions/%FF"), 400);
}

#[test]
fn matrix_parameters_and_encoded_marks_are_refused() {
    for raw in ["/accounts/a;x=y", "/accounts/a%3Bx=y", "/accounts/a%3F", "/accounts/a%23", "/accounts/a?b", "/a#b"] {
        assert_eq!(status(raw), 400, "{raw}");
    }
}

#[test]
fn control_characters_are_refused() {
    for raw in ["/a%00b", "/a%0d", "/a%0A", "/a%7f", "/a\u{0}b", "/a\tb", "/a%20b", "/a b"] {
        assert_eq!(status(raw), 400, "{raw}");
    }
}

#[test]
fn broken_and_doubled_escapes_are_refused() {
    for raw in ["/a%", "/a%2", "/a%zz", "/a%2525", "/a%252e"] {
        assert_eq!(status(raw), 400, "{raw}");
    }
    assert_eq!(read("/%61ccounts/%41"), "/accounts/A");
}

#[test]
fn a_path_over_its_limits_is_414() {
    let longest = format!("/{}", "a".repeat(MAX_PATH_BYTES - 1));
    assert!(RequestPath::normalise(&longest).is_ok());
    assert_eq!(status(&format!("{longest}a")), 414);
    assert!(RequestPath::normalise(&"/a".repeat(MAX_PATH_SEGMENTS)).is_ok());
    assert_eq!(status(&"/a".repeat(40)), 414);
    assert_eq!(Scope::parse(&"/a".repeat(40)).unwrap_err().status(), 414);
    assert_eq!(Scope::parse(&format!("{longest}a")).unwrap_err().status(), 414);
}

#[test]
fn a_path_without_a_leading_slash_is_refused() {
    assert_eq!(status(""), 400);
    assert_eq!(status("subscriptions/s"), 400);
    assert_eq!(status("https://elsewhere/subscriptions"), 400);
    assert!(Scope::parse("").is_err());
    assert!(Scope::parse("subscriptions/s").is_err());
}

#[test]
fn an_error_never_echoes_what_it_refused_as_a_character() {
    let error = RequestPath::normalise("/a%0d%0aSet-Cookie:x").unwrap_err();
    assert_eq!(error.to_string(), "the path holds a control character, which no name may contain");
}
