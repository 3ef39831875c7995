//! An HTTP/2 server over TLS that counts its connections, and offers HTTP/2 alone.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use h2::server;
use http::{HeaderMap, Response};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use crate::tls::{HOST, Identity, TlsRequirements, server_config};

/// Sends the same response to every request.
pub struct Http2Server {
    base_url: String,
    requests: mpsc::UnboundedReceiver<HeaderMap>,
    used_connections: Arc<AtomicUsize>,
    open_connections: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Http2Server {
    pub async fn start(identity: &Identity, response: Response<String>) -> Self {
        let mut tls = server_config(identity, TlsRequirements::default());
        tls.alpn_protocols = vec![b"h2".to_vec()];
        let acceptor = TlsAcceptor::from(Arc::new(tls));
        let listener = TcpListener::bind((HOST, 0)).await.unwrap();
        let base_url = format!("https://{}", listener.local_addr().unwrap());
        let (sender, requests) = mpsc::unbounded_channel();
        let (used_connections, open_connections) =
            <(Arc<AtomicUsize>, Arc<AtomicUsize>)>::default();
        let counts = (used_connections.clone(), open_connections.clone());
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let Ok(stream) = acceptor.accept(stream).await else {
                    continue;
                };
                let (sender, response) = (sender.clone(), response.clone());
                let (used_connections, open_connections) = counts.clone();
                tokio::spawn(async move {
                    // The client may drop a surplus connection before its handshake.
                    let Ok(mut connection) = server::handshake(stream).await else {
                        return;
                    };
                    open_connections.fetch_add(1, Ordering::SeqCst);
                    let mut is_used = false;
                    while let Some(Ok((request, mut respond))) = connection.accept().await {
                        if !std::mem::replace(&mut is_used, true) {
                            used_connections.fetch_add(1, Ordering::SeqCst);
                        }
                        let _ = sender.send(request.headers().clone());
                        let (head, body) = response.clone().into_parts();
                        let head = Response::from_parts(head, ());
                        let mut stream = respond.send_response(head, false).unwrap();
                        stream.send_data(body.into(), true).unwrap();
                    }
                    open_connections.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        Self {
            base_url,
            requests,
            used_connections,
            open_connections,
            task,
        }
    }

    /// Number of connections that carried a request so far.
    pub fn used_connections(&self) -> usize {
        self.used_connections.load(Ordering::SeqCst)
    }

    /// Number of connections that are open now.
    pub fn open_connections(&self) -> usize {
        self.open_connections.load(Ordering::SeqCst)
    }

    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Waits for the next request and returns its headers.
    pub async fn next_request(&mut self) -> HeaderMap {
        self.requests.recv().await.unwrap()
    }
}

impl Drop for Http2Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}
