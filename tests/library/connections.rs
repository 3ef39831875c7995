//! Number of connections used to watch thousands of clips.
//!
//! It is bounded by the concurrency and independent of the number of clips, so that a large watch
//! does not exhaust sockets. The count is taken on the server's side of real sockets.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::Response;
use rhombus_clips::{Client, ClipUpdate, ClipUuid, WatchAll, WatchAllStream};
use rhombus_clips_sim::{Clip as ScriptedClip, Service};
use rhombus_clips_tests::http2::Http2Server;
use rhombus_clips_tests::tls::{Authority, HOST};
use rhombus_clips_tests::{add, complete, rendering};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};

/// Reads a stream to its end and returns the number of complete clips.
async fn count_complete(mut updates: WatchAllStream) -> usize {
    let mut count = 0;
    while let Some(update) = updates.next().await {
        if let ClipUpdate::Ended { result, .. } = update {
            count += usize::from(result.unwrap().is_complete());
        }
    }
    count
}

/// Starts a TCP proxy to the service that counts its connections.
async fn start_counting_proxy(service: &Service) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let (count, service) = (Arc::new(AtomicUsize::new(0)), service.address());
    let counter = count.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counter.fetch_add(1, Ordering::SeqCst);
            let mut service = TcpStream::connect(service).await.unwrap();
            tokio::spawn(async move { copy_bidirectional(&mut stream, &mut service).await });
        }
    });
    (base_url, count)
}

#[tokio::test]
async fn http_1_opens_no_more_connections_than_the_concurrency() {
    let service = Service::start().await.unwrap();
    let (base_url, connections) = start_counting_proxy(&service).await;
    let script = || ScriptedClip::by_request([rendering(10), complete()]);
    let uuids: Vec<_> = (0..1000).map(|_| add(&service, script())).collect();
    let client = Client::builder()
        .api_key(service.api_key())
        .base_url(base_url)
        .build()
        .unwrap();
    let watches = client.watch_all(uuids).interval(Duration::from_millis(1));
    assert_eq!(count_complete(watches.stream()).await, 1000);
    let connections = connections.load(Ordering::SeqCst);
    assert!(connections <= WatchAll::CONCURRENCY, "{connections}");
}

/// The protocol is negotiated per connection: until the first one is established, the client may
/// open others, which it then closes unused.
#[tokio::test]
async fn http_2_uses_a_single_connection() {
    let authority = Authority::new();
    let complete = Response::new(r#"{"clip": {"status": "COMPLETE"}}"#.to_owned());
    let server = Http2Server::start(&authority.server(HOST), complete).await;
    let client = Client::builder()
        .api_key("0123456789")
        .base_url(server.base_url())
        .root_certificate(authority.pem())
        .build()
        .unwrap();
    let uuids = (0..2_000_u128).map(|n| ClipUuid::from_bytes(n.to_be_bytes()));
    assert_eq!(
        count_complete(client.watch_all(uuids).stream()).await,
        2_000
    );
    assert_eq!(
        (server.used_connections(), server.open_connections()),
        (1, 1)
    );
}
