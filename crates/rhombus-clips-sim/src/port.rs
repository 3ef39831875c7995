//! The service's port: open, or closed for a while.

use crate::desk::Desk;
use crate::idle::IdleLimit;
use crate::server;
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// How many connections may wait to be accepted.
const BACKLOG: u32 = 1024;

/// A port of 127.0.0.1, and what is behind it.
pub(crate) struct Port {
    address: SocketAddr,
    desk: Arc<Desk>,
    idle: Option<IdleLimit>,
    state: State,
}

enum State {
    Open {
        server: JoinHandle<()>,
        /// Nothing is ever sent: the server stops when this end is dropped, with the handle.
        running: Option<oneshot::Sender<Infallible>>,
    },
    /// Bound but deaf, so that the system gives the port neither to a service that asks for any,
    /// nor to a caller for its own end: a caller could then connect to itself.
    Closed(Option<TcpSocket>),
}

impl Port {
    /// Opens a port; any free one if the address has port 0.
    pub(crate) async fn open(
        address: SocketAddr,
        desk: Arc<Desk>,
        idle: Option<IdleLimit>,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let mut port = Self {
            address: listener.local_addr()?,
            desk,
            idle,
            state: State::Closed(None),
        };
        port.serve(listener);
        Ok(port)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Closes the port and all connections; a closed one stays as it is.
    pub(crate) async fn close(&mut self) {
        if let State::Open { server, running } = &mut self.state {
            running.take();
            // An error would mean that the runtime itself is going down.
            let _ = server.await;
            // If it cannot be kept it may still be free when it is to be opened.
            self.state = State::Closed(bound(self.address).ok());
        }
    }

    /// Opens a closed port again; an open one stays as it is.
    pub(crate) fn reopen(&mut self) -> io::Result<()> {
        if let State::Closed(kept) = &mut self.state {
            let socket = match kept.take() {
                Some(socket) => socket,
                None => bound(self.address)?,
            };
            let listener = socket.listen(BACKLOG)?;
            self.serve(listener);
        }
        Ok(())
    }

    fn serve(&mut self, listener: TcpListener) {
        let (running, stop) = oneshot::channel();
        let desk = Arc::clone(&self.desk);
        let server = tokio::spawn(server::serve(listener, desk, self.idle, stop));
        self.state = State::Open {
            server,
            running: Some(running),
        };
    }
}

fn bound(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    // Closed connections still hold the port for a while. On Windows they do not, and there the
    // option means something else.
    if cfg!(not(windows)) {
        socket.set_reuseaddr(true)?;
    }
    socket.bind(address)?;
    Ok(socket)
}
