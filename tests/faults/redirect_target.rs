//! The target of an injected redirect: a port that no client may connect to.

use std::io::ErrorKind;
use std::net::TcpListener;

pub struct RedirectTarget(TcpListener);

impl RedirectTarget {
    pub fn bind() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        Self(listener)
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.0.local_addr().unwrap())
    }

    /// Returns whether a client has connected.
    pub fn was_contacted(&self) -> bool {
        let connection = self.0.accept().map_err(|error| error.kind());
        !matches!(connection, Err(ErrorKind::WouldBlock))
    }
}
