//! HTTP client on a raw TCP stream.
//!
//! Observes bytes and connection states that an HTTP library hides.

use super::OPERATION_PATH;
use rhombus_clips_sim::Service;
use std::io::ErrorKind;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// Connection to the service.
pub(crate) struct RawClient {
    stream: BufReader<TcpStream>,
    content_length: usize,
}

/// End of a connection.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ConnectionEnd {
    Closed,
    Reset,
}

impl RawClient {
    pub(crate) async fn connect(service: &Service) -> Self {
        let stream = TcpStream::connect(service.address()).await.unwrap();
        Self {
            stream: BufReader::new(stream),
            content_length: 0,
        }
    }

    /// Sends a request without credentials.
    pub(crate) async fn send_request(&mut self) {
        let request =
            format!("POST {OPERATION_PATH} HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{{}}");
        self.stream.write_all(request.as_bytes()).await.unwrap();
    }

    /// Closes the sending half of the connection.
    pub(crate) async fn shutdown(&mut self) {
        self.stream.shutdown().await.unwrap();
    }

    /// Reads the head of the next response.
    pub(crate) async fn read_head(&mut self) -> String {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            let read = self.stream.read_line(&mut head).await.unwrap();
            assert_ne!(read, 0, "{head}");
        }
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        self.content_length = length.and_then(|length| length.parse().ok()).unwrap_or(0);
        head
    }

    /// Reads a body of the length declared in the last head, and returns the length.
    pub(crate) async fn skip_body(&mut self) -> usize {
        self.read(self.content_length).await.len()
    }

    /// Reads the head and body of the next response.
    pub(crate) async fn skip_response(&mut self) {
        self.read_head().await;
        self.skip_body().await;
    }

    pub(crate) async fn read(&mut self, bytes: usize) -> Vec<u8> {
        let mut read = vec![0; bytes];
        self.stream.read_exact(&mut read).await.unwrap();
        read
    }

    /// Returns whether the connection is open and has no unread bytes.
    pub(crate) fn is_open(&self) -> bool {
        let read = self.stream.get_ref().try_read(&mut [0]);
        read.is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
    }

    /// Reads until the connection ends; returns the bytes and the end.
    pub(crate) async fn read_to_end(&mut self) -> (Vec<u8>, ConnectionEnd) {
        let mut bytes = Vec::new();
        let end = match self.stream.read_to_end(&mut bytes).await {
            Ok(_) => ConnectionEnd::Closed,
            Err(error) if error.kind() == ErrorKind::ConnectionReset => ConnectionEnd::Reset,
            Err(error) => panic!("{error}"),
        };
        (bytes, end)
    }
}
