#![allow(clippy::unwrap_used)]

use tokio::runtime::RuntimeFlavor;

use super::*;

#[test]
fn one_processor_is_worked_by_one_thread_and_two_by_more() {
    let flavor = |processors| runtime_on(processors).unwrap().handle().runtime_flavor();
    assert_eq!(flavor(1), RuntimeFlavor::CurrentThread);
    assert_eq!(flavor(2), RuntimeFlavor::MultiThread);
}
