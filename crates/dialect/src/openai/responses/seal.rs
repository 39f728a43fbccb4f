//! What lets a provider recognise its model's thinking: one field in this protocol, two in others.

/// Before a signature, which this protocol has no field for. No provider's encrypted thinking starts so.
const SIGNATURE: &str = "signature.";

/// `encrypted_content` of a signature, of encrypted thinking, or of both.
pub(super) fn close(signature: Option<&str>, encrypted: Option<&str>) -> Option<String> {
    match (signature, encrypted) {
        (None, encrypted) => encrypted.map(str::to_owned),
        (Some(signature), None) => Some(format!("{SIGNATURE}{signature}")),
        // A signature is base64 and holds no dot.
        (Some(signature), Some(encrypted)) => Some(format!("{SIGNATURE}{signature}.{encrypted}")),
    }
}

/// Signature and encrypted thinking out of `encrypted_content`.
pub(super) fn open(content: &str) -> (Option<String>, Option<String>) {
    let Some(rest) = content.strip_prefix(SIGNATURE) else { return (None, Some(content.to_owned())) };
    match rest.split_once('.') {
        Some((signature, encrypted)) => (Some(signature.to_owned()), Some(encrypted.to_owned())),
        None => (Some(rest.to_owned()), None),
    }
}
