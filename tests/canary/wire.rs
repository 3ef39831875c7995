//! Requests over every kind of connection: the key is in their header, and there alone.

use http::Response;
use rhombus_clips::{Client, ClientBuilder, ClipUuid};
use rhombus_clips_sim::Service;
use rhombus_clips_tests::canary::{KEY, Search};
use rhombus_clips_tests::http2::Http2Server;
use rhombus_clips_tests::tls::{Authority, Demands, HOST, Terminator};
use rhombus_clips_tests::{add, complete};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

pub(crate) async fn search(search: &mut Search) {
    plain_http(search).await;
    let authority = Authority::new();
    for tls_1_2 in [false, true] {
        http_1_over_tls(&authority, tls_1_2).await;
    }
    http_2(search, &authority).await;
}

fn some_clip() -> ClipUuid {
    "AAAAAAAAAAAAAAAAAAAAAA".parse().unwrap()
}

/// A request to a bare socket: the only place where the key is, and has to be.
async fn plain_http(search: &mut Search) {
    let listener = TcpListener::bind((HOST, 0)).await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let client = Client::builder()
        .api_key(KEY)
        .http_client_builder(talkative);
    let client = client.base_url(base_url).build().unwrap();
    let asked = tokio::spawn(client.get_clip(some_clip()).into_future());
    let (mut connection, _) = listener.accept().await.unwrap();
    let mut request = Vec::new();
    while !request.ends_with(b"\"}") {
        request.push(connection.read_u8().await.unwrap());
    }
    let request = String::from_utf8(request).unwrap();
    let header = format!("x-auth-apikey: {KEY}\r\n");
    assert_eq!(request.matches(&header).count(), 1, "{request}");
    search.text("the rest of a request", &request.replace(&header, ""));

    let body = format!(r#"{{"clip": {{"title": "{KEY}"}}}}"#);
    let head = format!(
        "HTTP/1.1 200 OK\r\nx-echo: {KEY}\r\ncontent-length: {}",
        body.len()
    );
    let answer = format!("{head}\r\n\r\n{body}");
    connection.write_all(answer.as_bytes()).await.unwrap();
    search.debug("rhombus_clips::Clip", &asked.await.unwrap().unwrap());
}

/// An HTTP client that would tell `log` every byte that it sends.
fn talkative() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .connection_verbose(true)
        .no_proxy()
}

fn trusting(authority: &Authority) -> ClientBuilder {
    let client = Client::builder()
        .api_key(KEY)
        .http_client_builder(talkative);
    client.root_certificate(authority.pem())
}

/// The service takes no other key than this one.
async fn http_1_over_tls(authority: &Authority, tls_1_2: bool) {
    let service = Service::builder().api_key(KEY).start().await.unwrap();
    let clip = add(&service, rhombus_clips_sim::Clip::by_request([complete()]));
    let demands = Demands {
        tls_1_2,
        ..Demands::default()
    };
    let tls = Terminator::start(&service, &authority.server(HOST), demands).await;
    let client = trusting(authority)
        .base_url(tls.base_url())
        .build()
        .unwrap();
    assert!(client.get_clip(clip).await.unwrap().is_complete());
}

async fn http_2(search: &mut Search, authority: &Authority) {
    let body = format!(r#"{{"clip": {{"title": "{KEY}"}}}}"#);
    let answer = Response::builder().header("x-echo", KEY).body(body);
    let mut server = Http2Server::start(&authority.server(HOST), answer.unwrap()).await;
    let client = trusting(authority)
        .base_url(server.base_url())
        .build()
        .unwrap();
    search.debug(
        "rhombus_clips::Clip",
        &client.get_clip(some_clip()).await.unwrap(),
    );
    let headers = server.request().await;
    assert_eq!(headers["x-auth-apikey"], KEY);
}
