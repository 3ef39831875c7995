//! Where a redirect leads: a port where nobody must come.

use std::io::ErrorKind;
use std::net::TcpListener;

pub struct Elsewhere(TcpListener);

impl Elsewhere {
    pub fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        Self(listener)
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.0.local_addr().unwrap())
    }

    pub fn was_visited(&self) -> bool {
        let visitor = self.0.accept().map_err(|error| error.kind());
        !matches!(visitor, Err(ErrorKind::WouldBlock))
    }
}
