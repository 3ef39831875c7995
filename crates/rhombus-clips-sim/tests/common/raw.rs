//! A caller that speaks plain TCP, to see what an HTTP library hides.

use super::OPERATION;
use rhombus_clips_sim::Service;
use std::io::ErrorKind;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// A connection to the service.
pub(crate) struct Caller {
    stream: BufReader<TcpStream>,
    length: usize,
}

/// How a connection ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    Closed,
    Reset,
}

impl Caller {
    pub(crate) async fn connect(service: &Service) -> Self {
        let stream = TcpStream::connect(service.address()).await.unwrap();
        let stream = BufReader::new(stream);
        Self { stream, length: 0 }
    }

    /// Sends a request without credentials.
    pub(crate) async fn ask(&mut self) {
        let request =
            format!("POST {OPERATION} HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{{}}");
        self.stream.write_all(request.as_bytes()).await.unwrap();
    }

    /// Sends nothing more.
    pub(crate) async fn finish(&mut self) {
        self.stream.shutdown().await.unwrap();
    }

    /// The next answer's head.
    pub(crate) async fn head(&mut self) -> String {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            let read = self.stream.read_line(&mut head).await.unwrap();
            assert_ne!(read, 0, "{head}");
        }
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        self.length = length.and_then(|length| length.parse().ok()).unwrap_or(0);
        head
    }

    /// Reads as much as the head promised, and says how much that was.
    pub(crate) async fn skip_body(&mut self) -> usize {
        self.read(self.length).await.len()
    }

    pub(crate) async fn read(&mut self, bytes: usize) -> Vec<u8> {
        let mut read = vec![0; bytes];
        self.stream.read_exact(&mut read).await.unwrap();
        read
    }

    /// Whether nothing arrived, not even the end.
    pub(crate) fn is_open(&self) -> bool {
        let read = self.stream.get_ref().try_read(&mut [0]);
        read.is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
    }

    /// All that arrives until the connection ends, and how it ends.
    pub(crate) async fn rest(&mut self) -> (Vec<u8>, Ended) {
        let mut bytes = Vec::new();
        let ended = match self.stream.read_to_end(&mut bytes).await {
            Ok(_) => Ended::Closed,
            Err(error) if error.kind() == ErrorKind::ConnectionReset => Ended::Reset,
            Err(error) => panic!("{error}"),
        };
        (bytes, ended)
    }
}
