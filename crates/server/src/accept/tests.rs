#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use super::*;

fn loopback() -> SocketAddr {
    "127.0.0.1:0".parse().unwrap()
}

#[tokio::test]
async fn port_zero_becomes_a_real_port() {
    assert_ne!(Port::bind(loopback()).unwrap().address().port(), 0);
}

#[tokio::test]
async fn a_bound_port_refuses_until_it_is_opened() {
    let port = Port::bind(loopback()).unwrap();
    let address = port.address();
    assert!(TcpStream::connect(address).await.is_err());
    let _listener = port.open().unwrap();
    assert!(TcpStream::connect(address).await.is_ok());
}

#[tokio::test]
async fn a_used_port_is_one_line_that_names_it() {
    let listener = Port::bind(loopback()).unwrap().open().unwrap();
    let address = listener.local_addr().unwrap();
    let error = Port::bind(address).and_then(Port::open).unwrap_err().to_string();
    assert!(error.contains(&address.to_string()) && error.contains("in use"), "{error}");
}
