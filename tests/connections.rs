//! How many connections a watch of thousands of clips takes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::Response;
use rhombus_clips::{Client, ClipUpdate, ClipUuid, WatchAll, WatchAllStream};
use rhombus_clips_sim::{Clip as Script, Service};
use rhombus_clips_tests::http2::Http2Server;
use rhombus_clips_tests::tls::{Authority, HOST};
use rhombus_clips_tests::{add, complete, rendering};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};

/// How many watches ended well.
async fn done(mut updates: WatchAllStream) -> usize {
    let mut done = 0;
    while let Some(update) = updates.next().await {
        if let ClipUpdate::Ended { result, .. } = update {
            done += usize::from(result.unwrap().is_complete());
        }
    }
    done
}

/// A way to the service that counts the connections.
async fn counting(service: &Service) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let (count, service) = (Arc::new(AtomicUsize::new(0)), service.address());
    let counted = count.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            let mut service = TcpStream::connect(service).await.unwrap();
            tokio::spawn(async move { copy_bidirectional(&mut stream, &mut service).await });
        }
    });
    (base_url, count)
}

#[tokio::test]
async fn http_1_takes_no_more_connections_than_the_concurrency() {
    let service = Service::start().await.unwrap();
    let (base_url, connections) = counting(&service).await;
    let life = || Script::by_request([rendering(10), complete()]);
    let clips: Vec<_> = (0..1000).map(|_| add(&service, life())).collect();
    let client = Client::builder()
        .api_key(service.api_key())
        .base_url(base_url)
        .build()
        .unwrap();
    let watches = client.watch_all(clips).interval(Duration::from_millis(1));
    assert_eq!(done(watches.stream()).await, 1000);
    let connections = connections.load(Ordering::SeqCst);
    assert!(connections <= WatchAll::CONCURRENCY, "{connections}");
}

/// Before the first of them is up nobody knows that it is HTTP/2: others may be begun meanwhile, and
/// are closed unused.
#[tokio::test]
async fn http_2_takes_one_connection() {
    let authority = Authority::new();
    let complete = Response::new(r#"{"clip": {"status": "COMPLETE"}}"#.to_owned());
    let server = Http2Server::start(&authority.server(HOST), complete).await;
    let client = Client::builder()
        .api_key("0123456789")
        .base_url(server.base_url())
        .root_certificate(authority.pem())
        .build()
        .unwrap();
    let clips = (0..2_000_u128).map(|n| ClipUuid::from_bytes(n.to_be_bytes()));
    assert_eq!(done(client.watch_all(clips).stream()).await, 2_000);
    assert_eq!((server.used(), server.open()), (1, 1));
}
