//! Searches the errors of the libraries below, which quote what a peer sent: debug data at the end of an
//! HTTP/2 connection, and a response that is not HTTP.

use std::error::Error as StdError;
use std::iter::successors;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use rhombus_clips::retry::NoRetry;
use rhombus_clips::{Client, ClientBuilder, ClipUuid};
use rhombus_clips_api::types::GetClipWithProgressRequest;
use rhombus_clips_api::{Client as ApiClient, Credentials, RedactedError};
use rhombus_clips_tests::canary::{KEY, KeySearch, Spelling, spellings};
use rhombus_clips_tests::goaway::{End, GoAwayServer};
use rhombus_clips_tests::program::{program, run_command};
use rhombus_clips_tests::tls::{Authority, HOST};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

const LIBRARY: &str = "errors of the libraries below";
const PROGRAM: &str = "program: errors of the libraries below";

pub(crate) async fn search(search: &mut KeySearch) {
    println!("spellings of an echo that are redacted:");
    for Spelling { name, .. } in &spellings() {
        println!("  {name}");
    }
    let authority = Authority::new();
    for end in [End::BeforeResponse, End::InBody] {
        let server = GoAwayServer::start(&authority.server(HOST), end).await;
        let clients = Clients::new(server.base_url(), &authority);
        for spelling in spellings() {
            server.set_debug_data(format!("sent with {}", spelling.text()));
            clients.search(search).await;
        }
    }
    for spelling in spellings() {
        for response in not_http(&spelling.text()) {
            let base_url = serve(response).await;
            Clients::new(&base_url, &authority).search(search).await;
        }
    }
}

/// Searches the output of the program, with the most verbose log.
pub(crate) async fn search_program(search: &mut KeySearch) {
    let authority = Authority::new();
    let folder = tempfile::tempdir().unwrap();
    let roots = folder.path().join("roots.pem");
    std::fs::write(&roots, authority.pem()).unwrap();
    let server = GoAwayServer::start(&authority.server(HOST), End::BeforeResponse).await;
    // A subset, because each takes several processes; the library is tested with all of them.
    for name in ["unchanged", "&#x2F;", "UTF-16LE"] {
        let spelling = spellings()
            .into_iter()
            .find(|spelling| spelling.name == name);
        server.set_debug_data(spelling.unwrap().text());
        search_output(search, server.base_url(), &roots).await;
    }
    for response in not_http(KEY) {
        let base_url = serve(response).await;
        search_output(search, &base_url, &roots).await;
    }
}

async fn search_output(search: &mut KeySearch, base_url: &str, roots: &Path) {
    let uuid = "AAAAAAAAAAAAAAAAAAAAAA";
    for arguments in [
        &["doctor", "-vv"][..],
        &["doctor", "--output", "json"],
        &["watch", "-vv", "--timeout", "0.2", uuid],
        &["watch", "--output", "json", "--timeout", "0.2", uuid],
    ] {
        let mut command: Command = program();
        command.args(arguments).env("RHOMBUS_API_KEY", KEY);
        command.env("RHOMBUS_ENDPOINT_URL", base_url);
        command
            .env("SSL_CERT_FILE", roots)
            .env_remove("SSL_CERT_DIR");
        let output = run_command(command).await;
        assert!(!output.status.success(), "{output:?}");
        search.check_text(PROGRAM, &String::from_utf8_lossy(&output.stdout));
        search.check_text(PROGRAM, &String::from_utf8_lossy(&output.stderr));
    }
}

/// A client of either crate.
struct Clients {
    client: Client,
    low_level: ApiClient,
}

impl Clients {
    fn new(base_url: &str, authority: &Authority) -> Self {
        let root = reqwest::Certificate::from_pem(authority.pem().as_bytes()).unwrap();
        let http = reqwest::Client::builder().tls_certs_only([root]).no_proxy();
        let client: ClientBuilder = Client::builder().api_key(KEY).base_url(base_url);
        let client = client.attempt_timeout(Duration::from_secs(60));
        let client = client.root_certificate(authority.pem());
        let client = client.http_client_builder(|| reqwest::Client::builder().no_proxy());
        let credentials = Credentials::api_token(KEY).unwrap();
        Self {
            client: client.build().unwrap(),
            low_level: ApiClient::new_with_client(
                base_url,
                http.build().unwrap(),
                credentials.into(),
            ),
        }
    }

    async fn search(&self, search: &mut KeySearch) {
        let uuid: ClipUuid = "AAAAAAAAAAAAAAAAAAAAAA".parse().unwrap();
        let error = self.client.get_clip(uuid).retry(NoRetry).await;
        let error: &(dyn StdError + 'static) = &error.unwrap_err();
        search.check_error(LIBRARY, error);
        let request = GetClipWithProgressRequest::new(uuid.to_string());
        let error = self.low_level.get_clip_with_progress(&request).await;
        let error: &(dyn StdError + 'static) = &error.unwrap_err();
        search.check_error(LIBRARY, error);
        for cause in successors(Some(error), |&cause| cause.source()) {
            if let Some(redacted) = cause.downcast_ref::<RedactedError>() {
                search.check_debug("rhombus_clips_api::RedactedError", redacted);
            }
        }
    }
}

/// Returns responses that are not HTTP/1.1, each with the echo in another place.
fn not_http(echo: &str) -> [String; 7] {
    let body = "content-length: 2\r\n\r\n{}";
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n";
    [
        format!("{echo}\r\n\r\n"),
        format!("HTTP/{echo} 200 OK\r\n{body}"),
        format!("HTTP/1.1 {echo} OK\r\n{body}"),
        format!("HTTP/1.1 200 OK\r\n{echo}\r\n{body}"),
        format!("HTTP/1.1 200 OK\r\ncontent-length: {echo}\r\n\r\n{{}}"),
        format!("{chunked}\r\n{echo}\r\n{{}}\r\n"),
        format!("{chunked}\r\n2\r\n{{}}\r\n0\r\n{echo}\r\n\r\n"),
    ]
}

/// Serves a response to the first request of each connection, and returns the base URL.
async fn serve(response: String) -> String {
    let listener = TcpListener::bind((HOST, 0)).await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = Vec::new();
            while !request.ends_with(b"\"}") {
                match stream.read_u8().await {
                    Ok(byte) => request.push(byte),
                    Err(_) => break,
                }
            }
            // The client may close the connection at any time.
            let _ = stream.write_all(response.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    });
    base_url
}
