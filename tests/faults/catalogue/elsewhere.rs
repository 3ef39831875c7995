//! Where redirects lead: a port where nobody must ever come.

use std::io::ErrorKind;
use std::net::TcpListener;
use std::sync::LazyLock;

static ELSEWHERE: LazyLock<TcpListener> = LazyLock::new(|| {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    listener
});

pub fn url() -> String {
    format!("http://{}/", ELSEWHERE.local_addr().unwrap())
}

/// Whether somebody has come since the last time.
pub fn was_visited() -> bool {
    let visitor = ELSEWHERE.accept().map_err(|error| error.kind());
    !matches!(visitor, Err(ErrorKind::WouldBlock))
}
