//! Names of HTTP headers that nobody may set by configuration.

/// Whether a header, by its name in lower case, steers the connection or the message, or says in which form the answer comes. One that
/// an operator or a resource could set would make two readers see two messages.
pub fn steers_message(name: &str) -> bool {
    const STEERING: [&str; 16] = [
        "host",
        "connection",
        "keep-alive",
        "proxy-connection",
        "proxy-authorization",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "expect",
        "content-length",
        "content-type",
        "content-encoding",
        "cookie",
        "accept",
        "accept-encoding",
    ];
    STEERING.contains(&name) || name.starts_with("x-forwarded-")
}
