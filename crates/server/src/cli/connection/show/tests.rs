#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]
use serde_json::json;

use super::text;

#[test]
fn each_step_is_a_line_and_what_failed_has_its_mend() {
    let report = json!({"connection": "/c", "host": "h:1", "credentialKind": "ApiKey", "model": null, "ok": false, "steps": [
        {"name": "parameters", "ok": true, "detail": "fine"},
        {"name": "chat", "ok": false, "detail": "the gateway answered 404.", "fault": "pathForm", "mend": "flip it"},
        {"name": "stream", "ok": null, "detail": "the\u{1b}chat\nfailed"},
    ]});
    let expected = "/c\nhost h:1, shows ApiKey, model -\n\n\
        ok      parameters  fine\n\
        FAILED  chat        the gateway answered 404.\n\
        \x20                   at fault: pathForm; to mend it: flip it\n\
        -       stream      the chat failed\n";
    assert_eq!(text(&report), expected);
}
