//! Sends requests over every kind of connection: the key must be in its header and nowhere else.

use http::Response;
use rhombus_clips::{Client, ClientBuilder, ClipUuid};
use rhombus_clips_sim::Service;
use rhombus_clips_tests::canary::{KEY, KeySearch};
use rhombus_clips_tests::http2::Http2Server;
use rhombus_clips_tests::tls::{Authority, HOST, Terminator, TlsRequirements};
use rhombus_clips_tests::{add, complete};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

pub(crate) async fn search(search: &mut KeySearch) {
    check_plain_http(search).await;
    let authority = Authority::new();
    for tls_1_2 in [false, true] {
        check_http_1_over_tls(&authority, tls_1_2).await;
    }
    check_http_2(search, &authority).await;
}

fn sample_uuid() -> ClipUuid {
    "AAAAAAAAAAAAAAAAAAAAAA".parse().unwrap()
}

/// Reads a request from a plain socket, where the header with the key is visible.
async fn check_plain_http(search: &mut KeySearch) {
    let listener = TcpListener::bind((HOST, 0)).await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let client = Client::builder()
        .api_key(KEY)
        .http_client_builder(verbose_http_client);
    let client = client.base_url(base_url).build().unwrap();
    let call = tokio::spawn(client.get_clip(sample_uuid()).into_future());
    let (mut connection, _) = listener.accept().await.unwrap();
    let mut request = Vec::new();
    while !request.ends_with(b"\"}") {
        request.push(connection.read_u8().await.unwrap());
    }
    let request = String::from_utf8(request).unwrap();
    let header = format!("x-auth-apikey: {KEY}\r\n");
    assert_eq!(request.matches(&header).count(), 1, "{request}");
    search.check_text("the rest of a request", &request.replace(&header, ""));

    let body = format!(r#"{{"clip": {{"title": "{KEY}"}}}}"#);
    let head = format!(
        "HTTP/1.1 200 OK\r\nx-echo: {KEY}\r\ncontent-length: {}",
        body.len()
    );
    let response = format!("{head}\r\n\r\n{body}");
    connection.write_all(response.as_bytes()).await.unwrap();
    search.check_debug("rhombus_clips::Clip", &call.await.unwrap().unwrap());
}

/// Returns an HTTP client that logs every byte that it sends.
fn verbose_http_client() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .connection_verbose(true)
        .no_proxy()
}

fn client_with_root(authority: &Authority) -> ClientBuilder {
    let client = Client::builder()
        .api_key(KEY)
        .http_client_builder(verbose_http_client);
    client.root_certificate(authority.pem())
}

/// Succeeds only with the key, because the service accepts no other.
async fn check_http_1_over_tls(authority: &Authority, tls_1_2: bool) {
    let service = Service::builder().api_key(KEY).start().await.unwrap();
    let uuid = add(&service, rhombus_clips_sim::Clip::by_request([complete()]));
    let requirements = TlsRequirements {
        tls_1_2,
        ..TlsRequirements::default()
    };
    let tls = Terminator::start(&service, &authority.server(HOST), requirements).await;
    let client = client_with_root(authority)
        .base_url(tls.base_url())
        .build()
        .unwrap();
    assert!(client.get_clip(uuid).await.unwrap().is_complete());
}

async fn check_http_2(search: &mut KeySearch, authority: &Authority) {
    let body = format!(r#"{{"clip": {{"title": "{KEY}"}}}}"#);
    let response = Response::builder().header("x-echo", KEY).body(body);
    let mut server = Http2Server::start(&authority.server(HOST), response.unwrap()).await;
    let client = client_with_root(authority)
        .base_url(server.base_url())
        .build()
        .unwrap();
    search.check_debug(
        "rhombus_clips::Clip",
        &client.get_clip(sample_uuid()).await.unwrap(),
    );
    let headers = server.next_request().await;
    assert_eq!(headers["x-auth-apikey"], KEY);
}
