#![allow(clippy::unwrap_used, clippy::panic)]

use tokio::net::TcpListener;

use super::*;
use crate::resolver::SystemResolver;
use crate::tls;

#[tokio::test]
async fn what_is_sent_does_not_wait_for_the_acknowledgement_of_what_was_sent_before() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let url = format!("http://{address}");
    let guard = Guard::new(std::slice::from_ref(&url), None, Arc::new(SystemResolver)).unwrap();
    let connector =
        Connector { guard: Arc::new(guard), tls: Arc::new(tls::config(&[]).unwrap()), connect_timeout: Duration::MAX };
    let Transport::Plain(stream) = connector.connect(&url.parse().unwrap()).await.unwrap() else {
        panic!("no TLS here")
    };
    assert!(stream.get_ref().nodelay().unwrap());
    let usual = TcpStream::connect(address).await.unwrap();
    assert!(!usual.nodelay().unwrap(), "a socket does wait where nobody says otherwise");
}
