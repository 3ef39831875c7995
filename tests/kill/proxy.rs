//! A proxy between the program and the service that kills the program at a given event.
//!
//! It understands as much of HTTP/1.1 as the two speak: heads, and bodies with a length.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// Event at which the program is killed. Requests are counted from 1, over both hosts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KillPoint {
    /// The program has sent the request, and the service does not receive it.
    Sent(usize),
    /// The service has processed the request, and the program does not receive the response.
    Processed(usize),
    /// The program has received the response.
    Received(usize),
    /// The program has received so many bytes of the file.
    FileBytes(usize),
    /// None of these.
    Never,
}

/// State that the proxies of one export share.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    requests: AtomicUsize,
    /// Request lines, in the order of their arrival.
    pub(crate) log: Mutex<Vec<String>>,
    /// Requests for a clip that the service received.
    pub(crate) splices: AtomicUsize,
    file_bytes: AtomicUsize,
    point: Mutex<Option<KillPoint>>,
    /// The event has happened.
    pub(crate) reached: Notify,
}

impl Shared {
    /// Counts from here on to this event.
    pub(crate) fn arm(&self, point: KillPoint) {
        self.requests.store(0, Ordering::SeqCst);
        self.file_bytes.store(0, Ordering::SeqCst);
        *self.point.lock().unwrap() = Some(point);
    }

    fn is_at(&self, point: KillPoint) -> bool {
        *self.point.lock().unwrap() == Some(point)
    }

    fn remaining_file_bytes(&self) -> Option<usize> {
        match *self.point.lock().unwrap() {
            Some(KillPoint::FileBytes(bytes)) => {
                Some(bytes.saturating_sub(self.file_bytes.load(Ordering::SeqCst)))
            }
            _ => None,
        }
    }
}

/// A proxy of one host.
pub(crate) struct Proxy {
    pub(crate) url: String,
    task: JoinHandle<()>,
}

impl Proxy {
    /// Starts a proxy of the host at this URL.
    pub(crate) async fn start(upstream: &str, shared: Arc<Shared>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let upstream = upstream.trim_start_matches("http://").to_owned();
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (upstream, shared) = (upstream.clone(), shared.clone());
                tokio::spawn(async move {
                    // The program may be killed at any time.
                    let _ = serve(client, &upstream, &shared).await;
                });
            }
        });
        Self { url, task }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Serves a connection until it ends, or the event happens: then the connection is held, so that what the program
/// sees is its end.
async fn serve(client: TcpStream, upstream: &str, shared: &Shared) -> std::io::Result<()> {
    let mut client = BufReader::new(client);
    let mut server = BufReader::new(TcpStream::connect(upstream).await?);
    loop {
        let (head, length) = read_head(&mut client).await?;
        let mut body = vec![0; length];
        client.read_exact(&mut body).await?;
        let number = shared.requests.fetch_add(1, Ordering::SeqCst) + 1;
        let line = head.lines().next().unwrap_or_default();
        let line = format!("{number} {line}");
        shared.log.lock().unwrap().push(line);
        if shared.is_at(KillPoint::Sent(number)) {
            return hold(shared).await;
        }
        if head.starts_with("POST /api/video/spliceV3 ") {
            shared.splices.fetch_add(1, Ordering::SeqCst);
        }
        server.write_all(head.as_bytes()).await?;
        server.write_all(&body).await?;
        let (response, length) = read_head(&mut server).await?;
        let is_file = head.starts_with("GET ");
        if is_file {
            client.write_all(response.as_bytes()).await?;
            forward_file(&mut server, &mut client, length, shared).await?;
        } else {
            let mut body = vec![0; length];
            server.read_exact(&mut body).await?;
            if shared.is_at(KillPoint::Processed(number)) {
                return hold(shared).await;
            }
            client.write_all(response.as_bytes()).await?;
            client.write_all(&body).await?;
            client.flush().await?;
        }
        if shared.is_at(KillPoint::Received(number)) {
            return hold(shared).await;
        }
    }
}

async fn forward_file(
    server: &mut BufReader<TcpStream>,
    client: &mut BufReader<TcpStream>,
    mut left: usize,
    shared: &Shared,
) -> std::io::Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    while left > 0 {
        let until_kill = shared.remaining_file_bytes();
        if until_kill == Some(0) {
            return hold(shared).await;
        }
        let most = left.min(buffer.len()).min(until_kill.unwrap_or(usize::MAX));
        let read = server.read(&mut buffer[..most]).await?;
        if read == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        client.write_all(&buffer[..read]).await?;
        shared.file_bytes.fetch_add(read, Ordering::SeqCst);
        left -= read;
    }
    client.flush().await?;
    match shared.remaining_file_bytes() {
        Some(0) => hold(shared).await,
        _ => Ok(()),
    }
}

/// Reports the event, and keeps the connection open without sending anything.
async fn hold(shared: &Shared) -> std::io::Result<()> {
    shared.reached.notify_one();
    std::future::pending().await
}

/// Reads a head, and returns it with the length of the body.
async fn read_head(stream: &mut BufReader<TcpStream>) -> std::io::Result<(String, usize)> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8(head).unwrap();
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse().unwrap())
    });
    Ok((head, length.unwrap_or(0)))
}
