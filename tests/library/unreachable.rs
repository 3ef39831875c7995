//! Endpoints that cannot be reached: names that do not resolve, proxies, and this machine itself.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use rhombus_clips::retry::{FailedAttempt, NoRetry, RetryDecision, RetryPolicy};
use rhombus_clips::{Client, ClientBuilder, ClipUuid, Setting};
use rhombus_clips_sim::prelude::*;
use rhombus_clips_tests::tls::{Authority, Terminator, TlsRequirements};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;

const SEC: Duration = Duration::from_secs(1);
const UUID: ClipUuid = ClipUuid::from_bytes([7; 16]);

/// Resolves every name to this machine, while it is told to.
#[derive(Clone, Default)]
struct SwitchableResolver(Arc<AtomicBool>);

impl SwitchableResolver {
    fn set(&self, resolves: bool) {
        self.0.store(resolves, Ordering::SeqCst);
    }
}

impl Resolve for SwitchableResolver {
    fn resolve(&self, _: Name) -> Resolving {
        let resolves = self.0.load(Ordering::SeqCst);
        Box::pin(async move {
            match resolves {
                true => {
                    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
                    Ok(Box::new([address].into_iter()) as Addrs)
                }
                false => Err("no such host".into()),
            }
        })
    }
}

/// Returns a client of the service, under a name that the resolver resolves.
fn named_client(service: &Service, resolver: &SwitchableResolver) -> ClientBuilder {
    let port = service.address().port();
    let resolver = Arc::new(resolver.clone());
    Client::builder()
        .api_key(service.api_key())
        .base_url(format!("http://clips.example:{port}"))
        .danger_api_key_over_plain_http()
        // Every request opens a connection.
        .http_client_builder(move || {
            let http = reqwest::Client::builder().no_proxy();
            http.pool_max_idle_per_host(0)
                .dns_resolver(resolver.clone())
        })
}

async fn service() -> Service {
    let service = Service::start().await.unwrap();
    service.with_clip(UUID, clip().renders_in(600.s()))
}

#[tokio::test(start_paused = true)]
async fn a_name_that_never_resolved_ends_a_watch_after_a_minute() {
    let (service, resolver) = (service().await, SwitchableResolver::default());
    let client = named_client(&service, &resolver).build().unwrap();
    let started = Instant::now();
    let error = client.watch(UUID).await.unwrap_err();
    assert!(error.is_connect() && error.is_connection(), "{error:?}");
    assert!(error.checkpoint().is_some());
    let elapsed = started.elapsed();
    assert!((60 * SEC..=61 * SEC).contains(&elapsed), "{elapsed:?}");

    let mut updates = client.watch_all([UUID]).stream();
    let started = Instant::now();
    while updates.next().await.is_some() {}
    assert!(started.elapsed() <= 61 * SEC);

    /// Retries without limit.
    #[derive(Debug)]
    struct Persistent;
    impl RetryPolicy for Persistent {
        fn decide(&self, _: &FailedAttempt<'_>) -> RetryDecision {
            RetryDecision::After(SEC)
        }
    }
    let get_clip = client.get_clip(UUID).timeout(3600 * SEC);
    let started = Instant::now();
    let error = get_clip.retry(Persistent).await.unwrap_err();
    assert!(error.is_connect());
    assert!(started.elapsed() <= 61 * SEC);
}

/// Never resolves a name.
struct SilentResolver;

impl Resolve for SilentResolver {
    fn resolve(&self, _: Name) -> Resolving {
        Box::pin(std::future::pending())
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_takes_longer_than_an_attempt_cannot_be_made() {
    let service = service().await;
    for attempt_timeout in [3 * SEC, 10 * SEC, 30 * SEC] {
        let client = Client::builder()
            .api_key(service.api_key())
            .base_url("http://clips.example")
            .danger_api_key_over_plain_http()
            .attempt_timeout(attempt_timeout)
            .http_client_builder(|| {
                let http = reqwest::Client::builder().no_proxy();
                http.dns_resolver(Arc::new(SilentResolver))
            });
        let started = Instant::now();
        let error = client.build().unwrap().watch(UUID).await.unwrap_err();
        assert!(error.is_connect(), "{error:?}");
        let elapsed = started.elapsed();
        // The last attempt starts within the minute.
        assert!((60 * SEC..=71 * SEC).contains(&elapsed), "{elapsed:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_resumed_watch_has_the_grace_period_again() {
    let (service, resolver) = (service().await, SwitchableResolver::default());
    let client = named_client(&service, &resolver).build().unwrap();
    let error = client.watch(UUID).await.unwrap_err();
    let checkpoint = error.checkpoint().unwrap().clone();
    let late = async {
        tokio::time::sleep(50 * SEC).await;
        resolver.set(true);
    };
    let (clip, ()) = tokio::join!(client.resume(checkpoint.clone()), late);
    assert!(clip.unwrap().is_complete());
    resolver.set(false);
    let client = named_client(&service, &resolver).build().unwrap();
    let mut updates = client.resume_all([checkpoint]).stream();
    let started = Instant::now();
    while updates.next().await.is_some() {}
    assert!(started.elapsed() >= 60 * SEC);
}

#[tokio::test(start_paused = true)]
async fn the_grace_period_can_be_set_and_a_name_may_resolve_late() {
    let (service, resolver) = (service().await, SwitchableResolver::default());
    let builder = || named_client(&service, &resolver);
    let client = builder().unreachable_grace_period(5 * SEC).build().unwrap();
    let started = Instant::now();
    assert!(client.watch(UUID).await.unwrap_err().is_connect());
    assert!(started.elapsed() <= 6 * SEC);
    let client = builder()
        .unreachable_grace_period(Duration::ZERO)
        .build()
        .unwrap();
    let error = client.watch(UUID).await.unwrap_err();
    assert_eq!((error.is_connect(), error.polls()), (true, Some(1)));

    let client = builder().build().unwrap();
    let late = async {
        tokio::time::sleep(50 * SEC).await;
        resolver.set(true);
    };
    let (clip, ()) = tokio::join!(client.watch(UUID), late);
    assert!(clip.unwrap().is_complete());
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_that_responded_may_be_away_for_longer() {
    let (service, resolver) = (service().await, SwitchableResolver::default());
    resolver.set(true);
    let client = named_client(&service, &resolver).build().unwrap();
    let mut updates = client.watch(UUID).stream();
    updates.next().await.unwrap().unwrap();
    resolver.set(false);
    let back = async {
        tokio::time::sleep(900 * SEC).await;
        resolver.set(true);
    };
    let finish = async {
        while let Some(update) = updates.next().await {
            update.unwrap();
        }
    };
    tokio::join!(finish, back);

    // Another process knows it from the checkpoint.
    let mut updates = client.watch(UUID).stream();
    updates.next().await.unwrap().unwrap();
    let checkpoint = updates.stop().to_string();
    resolver.set(false);
    let other = named_client(&service, &resolver).build().unwrap();
    let watch = other.resume(checkpoint.parse().unwrap()).timeout(600 * SEC);
    let error = watch.await.unwrap_err();
    assert!(error.is_deadline_exceeded(), "{error:?}");
    // A watch that is new to it does not.
    assert!(other.watch(UUID).await.unwrap_err().is_connect());
}

#[tokio::test(start_paused = true)]
async fn nobody_is_told_of_a_missing_record_when_nobody_was_reached() {
    let (service, resolver) = (service().await, SwitchableResolver::default());
    let client = named_client(&service, &resolver).build().unwrap();
    let error = client.watch(UUID).timeout(30 * SEC).await.unwrap_err();
    let message = error.to_string();
    assert!(
        message.contains("no response") && !message.contains("record"),
        "{message}"
    );
}

/// Other systems than Linux have one loopback address.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn localhost_is_this_machine_whatever_its_name_resolves_to() {
    let service = service().await;
    let port = service.address().port();
    // Another address, where a thief waits for keys.
    let thief = SocketAddr::from((Ipv4Addr::new(127, 9, 9, 9), port));
    let listener = TcpListener::bind(thief).await.unwrap();
    for host in ["localhost", "api.localhost", "LOCALHOST."] {
        let client = Client::builder()
            .api_key(service.api_key())
            .base_url(format!("http://{host}:{port}"))
            .http_client_builder(move || {
                let http = reqwest::Client::builder();
                let http = http.proxy(reqwest::Proxy::all(format!("http://{thief}")).unwrap());
                http.resolve("localhost", thief)
                    .resolve("api.localhost", thief)
                    .resolve("localhost.", thief)
            })
            .build()
            .unwrap();
        client.get_clip(UUID).retry(NoRetry).await.unwrap();
    }
    tokio::select! {
        biased;
        _ = listener.accept() => panic!("the thief was contacted"),
        () = std::future::ready(()) => {}
    }
}

/// Starts a proxy that connects every CONNECT request to this address, whatever it asks for.
async fn start_proxy(target: SocketAddr) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(client.read_u8().await.unwrap());
                }
                client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
                let mut target = TcpStream::connect(target).await.unwrap();
                let _ = copy_bidirectional(&mut client, &mut target).await;
            });
        }
    });
    address
}

/// Starts a SOCKS 5 proxy that connects every request to this address. Returns its address.
async fn start_socks_proxy(target: SocketAddr) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut greeting = [0; 3];
                client.read_exact(&mut greeting).await.unwrap();
                client.write_all(&[5, 0]).await.unwrap();
                let mut request = [0; 5];
                client.read_exact(&mut request).await.unwrap();
                // Version, CONNECT, reserved, and a host name that the proxy resolves.
                assert_eq!(request[..4], [5, 1, 0, 3]);
                let mut rest = vec![0; usize::from(request[4]) + 2];
                client.read_exact(&mut rest).await.unwrap();
                client
                    .write_all(&[5, 0, 0, 1, 127, 0, 0, 1, 0, 0])
                    .await
                    .unwrap();
                let mut target = TcpStream::connect(target).await.unwrap();
                let _ = copy_bidirectional(&mut client, &mut target).await;
            });
        }
    });
    address
}

fn address_of(tls: &Terminator) -> SocketAddr {
    tls.base_url()
        .trim_start_matches("https://")
        .parse()
        .unwrap()
}

/// A client that uses a proxy.
fn proxied(base_url: &str, proxy: String, authority: &Authority) -> ClientBuilder {
    Client::builder()
        .base_url(base_url)
        .root_certificate(authority.pem())
        .http_client_builder(move || {
            reqwest::Client::builder().proxy(reqwest::Proxy::all(&proxy).unwrap())
        })
}

#[tokio::test]
async fn a_socks_proxy_is_used_and_resolves_the_name() {
    let service = service().await;
    let authority = Authority::new();
    let identity = authority.server("clips.example");
    let tls = Terminator::start(&service, &identity, TlsRequirements::default()).await;
    let proxy = start_socks_proxy(address_of(&tls)).await;
    let proxy = format!("socks5h://{proxy}");
    let client = proxied("https://clips.example", proxy, &authority);
    let client = client.api_key(service.api_key()).build().unwrap();
    client.get_clip(UUID).retry(NoRetry).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_can_never_pass_through_a_proxy_ends_a_watch_at_once() {
    let service = service().await;
    let authority = Authority::new();
    let other = authority.server("other.example");
    let tls = Terminator::start(&service, &other, TlsRequirements::default()).await;
    let proxy = format!("http://{}", start_proxy(address_of(&tls)).await);
    for (base_url, expected) in [
        ("https://clips.example", "certificate is for another host"),
        ("https://[2001:db8::1]", "its host is an IPv6 address"),
        ("https://192.0.2.1", "certificate is for another host"),
    ] {
        let client = proxied(base_url, proxy.clone(), &authority);
        let client = client.api_key(service.api_key()).build().unwrap();
        let error = client.watch(UUID).await.unwrap_err();
        assert!(!error.is_transient(), "{error:?}");
        assert_eq!(error.polls(), Some(1));
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_proxy_that_wants_credentials_ends_a_watch_at_once_and_another_refusal_soon() {
    for (status, is_final) in [(407, true), (403, false), (502, false)] {
        let refusal = format!("HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n");
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let proxy = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let _ = stream.read(&mut [0; 1024]).await;
                let _ = stream.write_all(refusal.as_bytes()).await;
            }
        });
        let client = proxied("https://clips.example", proxy, &Authority::new());
        let client = client.api_key("key").build().unwrap();
        let started = Instant::now();
        let error = client.watch(UUID).await.unwrap_err();
        assert!(started.elapsed() <= 61 * SEC);
        match is_final {
            true => {
                assert_eq!((error.is_configuration(), error.polls()), (true, Some(1)));
                assert_eq!(error.setting(), Some(Setting::Proxy));
            }
            false => assert!(error.is_connect() && error.is_connection(), "{error:?}"),
        }
    }
}

/// Starts a server that answers every connection with these bytes, and counts the connections.
async fn start_raw_server(responses: &'static [&'static str]) -> (String, Arc<AtomicBool>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let is_exhausted = Arc::new(AtomicBool::new(false));
    let exhausted = is_exhausted.clone();
    tokio::spawn(async move {
        for response in responses {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await.unwrap());
            }
            let _ = stream.write_all(response.as_bytes()).await;
        }
        exhausted.store(true, Ordering::SeqCst);
    });
    (base_url, is_exhausted)
}

const COMPLETE: &str = "HTTP/1.1 200 OK\r\nContent-Length: 32\r\nConnection: close\r\n\r\n{\"clip\": {\"status\": \"COMPLETE\"}}";
const NOT_HTTP: &str = "220 mail.example ESMTP\r\n";

#[tokio::test(start_paused = true)]
async fn a_server_that_does_not_speak_http_ends_a_watch_on_the_third_connection() {
    let (base_url, is_exhausted) = start_raw_server(&[NOT_HTTP, NOT_HTTP, NOT_HTTP]).await;
    let client = Client::builder()
        .api_key("key")
        .base_url(base_url)
        .build()
        .unwrap();
    let error = client.watch(UUID).await.unwrap_err();
    assert!(error.is_decode() && !error.is_transient(), "{error:?}");
    assert_eq!(error.polls(), Some(3));
    assert!(is_exhausted.load(Ordering::SeqCst));
}

#[tokio::test(start_paused = true)]
async fn fewer_such_responses_or_later_ones_are_tried_again() {
    let (base_url, _) = start_raw_server(&[NOT_HTTP, NOT_HTTP, COMPLETE]).await;
    let client = Client::builder()
        .api_key("key")
        .base_url(base_url)
        .build()
        .unwrap();
    assert!(client.watch(UUID).await.unwrap().is_complete());
    let (base_url, _) =
        start_raw_server(&[COMPLETE, NOT_HTTP, NOT_HTTP, NOT_HTTP, NOT_HTTP, COMPLETE]).await;
    let client = Client::builder()
        .api_key("key")
        .base_url(base_url)
        .build()
        .unwrap();
    for _ in 0..2 {
        assert!(client.watch(UUID).await.unwrap().is_complete());
    }
}
