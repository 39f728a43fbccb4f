#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use http_body_util::Full;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

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

#[tokio::test]
async fn a_streamed_token_does_not_wait_for_the_acknowledgement_of_the_one_before() {
    let listener = Port::bind(loopback()).unwrap().open().unwrap();
    let address = listener.local_addr().unwrap();
    let mut client = TcpStream::connect(address).await.unwrap();
    let (accepted, peer) = listener.accept().await.unwrap();
    // A second handle on the same socket, to see its option while the connection is served.
    let accepted = accepted.into_std().unwrap();
    let seen = accepted.try_clone().unwrap();
    assert!(!seen.nodelay().unwrap(), "an accepted socket does wait where nobody says otherwise");
    let (_stopping, told) = watch::channel(false);
    let graceful = GracefulShutdown::new();
    let connection = Connection {
        stream: TcpStream::from_std(accepted).unwrap(),
        peer,
        wire: Wire::Plain,
        watcher: graceful.watcher(),
        told,
        slot: Arc::new(Semaphore::new(1)).acquire_owned().await.unwrap(),
    };
    let seen = Arc::new(seen);
    let handle = move |_: Request<Incoming>, _: SocketAddr| {
        let seen = Arc::clone(&seen);
        async move { Response::new(Full::new(Bytes::from(seen.nodelay().unwrap().to_string()))) }
    };
    tokio::spawn(connection.run(handle));
    client.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("\r\n\r\ntrue"), "{answer}");
}

/// Serves on a plain port; what each request was, in its answer.
async fn echo() -> TcpStream {
    let listener = Port::bind(loopback()).unwrap().open().unwrap();
    let address = listener.local_addr().unwrap();
    let handle = |request: Request<Incoming>, _: SocketAddr| async move {
        let told = format!("<{} {}>", request.method(), request.uri());
        Response::new(Full::new(Bytes::from(told)))
    };
    tokio::spawn(serve(listener, Wire::Plain, handle, std::future::pending()));
    TcpStream::connect(address).await.unwrap()
}

#[tokio::test]
async fn a_body_that_nobody_reads_is_never_taken_for_the_next_request() {
    let mut client = echo().await;
    let smuggled = "GET /smuggled HTTP/1.1\r\nhost: a\r\n\r\n";
    let first = format!("GET /first HTTP/1.1\r\nhost: a\r\ncontent-length: {}\r\n\r\n{smuggled}", smuggled.len());
    let second = "GET /second HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    client.write_all(format!("{first}{second}").as_bytes()).await.unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).await.unwrap();
    assert!(answer.contains("<GET /first>") && !answer.contains("smuggled"), "{answer}");
}

#[tokio::test]
async fn a_request_whose_end_two_readers_would_find_at_different_places_is_refused() {
    for head in [
        "content-length: 4\r\ncontent-length: 5",
        "content-length: 4, 5",
        "content-length: +4",
        "content-length: -1",
        "transfer-encoding: chunked, identity",
        "transfer-encoding: xchunked",
        "content-length : 4",
        "x-bad: a\nb: c\0",
    ] {
        let mut client = echo().await;
        let request = format!("POST /odd HTTP/1.1\r\nhost: a\r\n{head}\r\nconnection: close\r\n\r\nabcd");
        client.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        assert!(!answer.contains("<POST"), "{head:?}: {answer}");
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400"), "{head:?}: {answer}");
    }
}
