//! A server that speaks HTTP/2 over TLS.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use h2::server;
use http::{HeaderMap, Response};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use crate::tls::{Demands, HOST, Identity, config};

/// Answers every request with one and the same answer.
pub struct Http2Server {
    base_url: String,
    requests: mpsc::UnboundedReceiver<HeaderMap>,
    used: Arc<AtomicUsize>,
    open: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Http2Server {
    pub async fn start(identity: &Identity, answer: Response<String>) -> Self {
        let mut tls = config(identity, Demands::default());
        tls.alpn_protocols = vec![b"h2".to_vec()];
        let acceptor = TlsAcceptor::from(Arc::new(tls));
        let listener = TcpListener::bind((HOST, 0)).await.unwrap();
        let base_url = format!("https://{}", listener.local_addr().unwrap());
        let (sender, requests) = mpsc::unbounded_channel();
        let (used, open) = <(Arc<AtomicUsize>, Arc<AtomicUsize>)>::default();
        let counts = (used.clone(), open.clone());
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let Ok(stream) = acceptor.accept(stream).await else {
                    continue;
                };
                let (sender, answer) = (sender.clone(), answer.clone());
                let (used, open) = counts.clone();
                tokio::spawn(async move {
                    // The client drops what it has no use for.
                    let Ok(mut connection) = server::handshake(stream).await else {
                        return;
                    };
                    open.fetch_add(1, Ordering::SeqCst);
                    let mut is_used = false;
                    while let Some(Ok((request, mut respond))) = connection.accept().await {
                        if !std::mem::replace(&mut is_used, true) {
                            used.fetch_add(1, Ordering::SeqCst);
                        }
                        let _ = sender.send(request.headers().clone());
                        let (head, body) = answer.clone().into_parts();
                        let head = Response::from_parts(head, ());
                        let mut stream = respond.send_response(head, false).unwrap();
                        stream.send_data(body.into(), true).unwrap();
                    }
                    open.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        Self {
            base_url,
            requests,
            used,
            open,
            task,
        }
    }

    /// How many connections carried a request so far.
    pub fn used(&self) -> usize {
        self.used.load(Ordering::SeqCst)
    }

    /// How many connections are open now.
    pub fn open(&self) -> usize {
        self.open.load(Ordering::SeqCst)
    }

    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The headers of the next request.
    pub async fn request(&mut self) -> HeaderMap {
        self.requests.recv().await.unwrap()
    }
}

impl Drop for Http2Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}
