//! What holds of every request that somebody sends, in whichever protocol.

use dialect::anthropic::{self, Target, ThinksBy};
use dialect::exchange::{NotSupported, Request};
use dialect::openai::chat_exchange as chat;

/// It is refused by name, or it is said, and what is said is understood again and says the same.
pub(crate) fn check_request(read: Result<Request, NotSupported>) {
    let request = match read {
        Ok(request) => request,
        Err(error) => return assert!(!error.field.is_empty() && !error.reason.contains('\n'), "{error}"),
    };
    if let Ok(written) = chat::write_request(&request) {
        let again = chat::read_request(&written).expect("what was written is understood");
        assert_eq!(chat::write_request(&again).as_ref(), Ok(&written));
    }
    for thinks_by in [ThinksBy::Budget, ThinksBy::Effort] {
        let target = Target { default_max_tokens: 4096, thinks_by };
        if let Ok(written) = anthropic::write_request(&request, &target) {
            let again = anthropic::read_request(&written).expect("what was written is understood");
            assert_eq!(anthropic::write_request(&again, &target).as_ref(), Ok(&written));
        }
    }
}
