//! Listening port of the service.
//!
//! The port can be closed and reopened, so that a test can simulate an outage or a restart. It
//! must not know requests: the server's task handles them.

use crate::idle::IdleTimeout;
use crate::server;
use crate::state::ServiceState;
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// Listen backlog of a reopened port, in connections. Chosen, not tuned.
const BACKLOG: u32 = 1024;

/// A loopback port and the server that listens on it.
pub(crate) struct Port {
    address: SocketAddr,
    service_state: Arc<ServiceState>,
    idle_timeout: Option<IdleTimeout>,
    port_state: PortState,
}

enum PortState {
    Open {
        server: JoinHandle<()>,
        /// Stops the server when dropped, and so also when the handle is dropped. Nothing is ever
        /// sent.
        stop: Option<oneshot::Sender<Infallible>>,
    },
    /// Bound but not listening. The reservation keeps the system from assigning the port to
    /// another service, or to a client as its own end: a client could then connect to itself.
    Closed { reserved: Option<TcpSocket> },
}

impl Port {
    /// Opens a port; any free one if the address has port 0.
    pub(crate) async fn open(
        address: SocketAddr,
        service_state: Arc<ServiceState>,
        idle_timeout: Option<IdleTimeout>,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let mut port = Self {
            address: listener.local_addr()?,
            service_state,
            idle_timeout,
            port_state: PortState::Closed { reserved: None },
        };
        port.spawn_server(listener);
        Ok(port)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Closes the port and all connections; no effect on a closed port.
    pub(crate) async fn close(&mut self) {
        if let PortState::Open { server, stop } = &mut self.port_state {
            stop.take();
            // An error means that the runtime itself is shutting down.
            let _ = server.await;
            // Without a reservation the port may still be free when it is reopened.
            let reserved = bind(self.address).ok();
            self.port_state = PortState::Closed { reserved };
        }
    }

    /// Reopens a closed port; no effect on an open port.
    pub(crate) fn reopen(&mut self) -> io::Result<()> {
        if let PortState::Closed { reserved } = &mut self.port_state {
            let socket = match reserved.take() {
                Some(socket) => socket,
                None => bind(self.address)?,
            };
            let listener = socket.listen(BACKLOG)?;
            self.spawn_server(listener);
        }
        Ok(())
    }

    fn spawn_server(&mut self, listener: TcpListener) {
        let (sender, receiver) = oneshot::channel();
        let service_state = Arc::clone(&self.service_state);
        let server = server::serve(listener, service_state, self.idle_timeout, receiver);
        self.port_state = PortState::Open {
            server: tokio::spawn(server),
            stop: Some(sender),
        };
    }
}

fn bind(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    // Connections in TIME_WAIT still occupy the port. On Windows they do not, and there the option
    // has another meaning.
    if cfg!(not(windows)) {
        socket.set_reuseaddr(true)?;
    }
    socket.bind(address)?;
    Ok(socket)
}
