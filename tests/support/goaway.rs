//! An HTTP/2 server over TLS that ends every connection with GOAWAY and debug data of its choice.
//!
//! The frames are written by hand, because the library of HTTP/2 sends no debug data.

use std::io;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use crate::tls::{HOST, Identity, TlsRequirements, server_config};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;
const ACK: u8 = 1;
const END_HEADERS: u8 = 4;
const ENHANCE_YOUR_CALM: u32 = 11;

/// Headers `:status: 200` and nothing else, in HPACK: entry 8 of the static table.
const STATUS_200: &[u8] = &[0x88];

/// When the connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    BeforeResponse,
    InBody,
}

/// Ends every connection at its first request.
pub struct GoAwayServer {
    base_url: String,
    debug_data: Arc<Mutex<String>>,
    task: JoinHandle<()>,
}

impl GoAwayServer {
    pub async fn start(identity: &Identity, end: End) -> Self {
        let mut tls = server_config(identity, TlsRequirements::default());
        tls.alpn_protocols = vec![b"h2".to_vec()];
        let acceptor = TlsAcceptor::from(Arc::new(tls));
        let listener = TcpListener::bind((HOST, 0)).await.unwrap();
        let base_url = format!("https://{}", listener.local_addr().unwrap());
        let debug_data = Arc::<Mutex<String>>::default();
        let shared = debug_data.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, debug_data) = (acceptor.clone(), shared.clone());
                tokio::spawn(async move {
                    if let Ok(stream) = acceptor.accept(stream).await {
                        // The client may close the connection at any time.
                        let _ = serve(stream, end, &debug_data).await;
                    }
                });
            }
        });
        Self {
            base_url,
            debug_data,
            task,
        }
    }

    /// Sets the debug data of the connections that end from now on.
    pub fn set_debug_data(&self, debug_data: String) {
        *self.debug_data.lock().unwrap() = debug_data;
    }

    pub fn base_url(&self) -> &str {
        &self.base_url
    }
}

impl Drop for GoAwayServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    end: End,
    debug_data: &Mutex<String>,
) -> io::Result<()> {
    stream.read_exact(&mut [0; PREFACE.len()]).await?;
    stream.write_all(&frame(SETTINGS, 0, 0, &[])).await?;
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await?;
        let [a, b, c, kind, flags, ..] = head;
        let length = u32::from_be_bytes([0, a, b, c]);
        let mut payload = vec![0; usize::try_from(length).unwrap()];
        stream.read_exact(&mut payload).await?;
        match kind {
            SETTINGS if flags & ACK == 0 => {
                stream.write_all(&frame(SETTINGS, ACK, 0, &[])).await?;
            }
            HEADERS => {
                if end == End::InBody {
                    let head = frame(HEADERS, END_HEADERS, 1, STATUS_200);
                    stream.write_all(&head).await?;
                    stream.write_all(&frame(DATA, 0, 1, b"{")).await?;
                }
                // Last stream 0: the request counts as not processed, whatever was sent for it.
                let codes = [0_u32.to_be_bytes(), ENHANCE_YOUR_CALM.to_be_bytes()];
                let debug_data = debug_data.lock().unwrap().clone();
                let goaway = [&codes.concat(), debug_data.as_bytes()].concat();
                stream.write_all(&frame(GOAWAY, 0, 0, &goaway)).await?;
                return stream.shutdown().await;
            }
            _ => {}
        }
    }
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let head = [&length[1..], &[kind, flags], &stream.to_be_bytes()].concat();
    [&head, payload].concat()
}
