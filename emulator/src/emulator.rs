//! A running emulator: its thread, and what its owner can see and change without HTTP.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use serde::Serialize;
use tokio::net::{TcpListener, TcpSocket};
use tokio::runtime;
use tokio::sync::oneshot;

use crate::faults::Fault;
use crate::journal::JournalEntry;
use crate::keeping::DataFile;
use crate::keys::Slot;
use crate::setup::Setup;
use crate::state::Shared;
use crate::tls::AuthorityFile;
use crate::users;
use crate::{routes, server};

/// How long [`Emulator::stop`] lets requests under way go on.
const GRACE: Duration = Duration::from_secs(1);

/// Connections the system may hold before they are accepted: tests open a thousand at once.
const BACKLOG: u32 = 4096;

/// A running emulator. Dropping it cuts its connections and frees the port before the drop returns.
pub struct Emulator {
    shared: Arc<Shared>,
    data: Option<Arc<DataFile>>,
    address: SocketAddr,
    stop: Option<oneshot::Sender<Duration>>,
    thread: Option<JoinHandle<()>>,
}

/// What a caller needs to use an emulator, as the program's `--json` line says it.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Ready {
    /// The base URL.
    pub url: String,
    /// The tenant.
    pub tenant_id: String,
    /// The primary API key.
    pub primary_api_key: String,
    /// The secondary API key.
    pub secondary_api_key: String,
    /// Where the portal page is.
    pub portal_url: String,
    /// The bearer token of the control API.
    pub control_token: String,
    /// The file of the authority that clients have to trust, if the certificate is self-signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<String>,
}

impl Emulator {
    /// Listens on the first of `addresses` that can be had, and serves from a thread of its own.
    pub(crate) fn run(addresses: &[SocketAddr], setup: Setup, data: Option<DataFile>) -> io::Result<Self> {
        let runtime = runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
        let listener = {
            let _inside = runtime.enter();
            listen(addresses)?
        };
        let data = data.map(Arc::new);
        let address = listener.local_addr()?;
        let request_timeout = setup.request_timeout;
        let shared = Arc::new(Shared::new(url(address, setup.tls.is_some()), setup));
        let router = routes::router(Arc::clone(&shared), data.clone());
        let tls = shared.tls.as_ref().map(|tls| tls.acceptor.clone());
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new().name("emulator".into()).spawn(move || {
            runtime.block_on(server::serve(listener, tls, router, request_timeout, stopped));
            // Whoever waits for a token key in the making need not be waited for.
            runtime.shutdown_background();
        })?;
        Ok(Self { shared, data, address, stop: Some(stop), thread: Some(thread) })
    }

    /// The base URL, without a slash at its end: the public one, if that was given.
    pub fn url(&self) -> &str {
        self.shared.url()
    }

    /// The address it listens on, which is not in the URL when it is every address of the machine.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The tenant it serves.
    pub fn tenant_id(&self) -> &str {
        &self.shared.tenant
    }

    /// The primary API key that is accepted now.
    pub fn primary_api_key(&self) -> String {
        self.shared.lock().keys.get(Slot::Primary).to_owned()
    }

    /// The secondary API key that is accepted now.
    pub fn secondary_api_key(&self) -> String {
        self.shared.lock().keys.get(Slot::Secondary).to_owned()
    }

    /// The bearer token of the control API.
    pub fn control_token(&self) -> &str {
        &self.shared.control_token
    }

    /// The file, in PEM, of the authority that clients have to trust, if the certificate is self-signed.
    pub fn ca_file(&self) -> Option<&Path> {
        let tls = self.shared.tls.as_ref()?;
        tls.authority.as_ref().map(AuthorityFile::path)
    }

    /// All of the above at once.
    pub fn ready(&self) -> Ready {
        Ready {
            url: self.url().to_owned(),
            tenant_id: self.tenant_id().to_owned(),
            primary_api_key: self.primary_api_key(),
            secondary_api_key: self.secondary_api_key(),
            portal_url: format!("{}/portal", self.url()),
            control_token: self.control_token().to_owned(),
            ca_file: self.ca_file().map(|path| path.display().to_string()),
        }
    }

    /// Replaces a key and returns the new one; the old one is refused from here on.
    pub fn generate_key(&self, slot: Slot) -> String {
        self.shared.generate_key(slot)
    }

    /// Makes `key` the key in `slot`; the old one is refused from here on.
    ///
    /// # Panics
    /// When `key` is not 4 to 256 visible ASCII characters, or is the key in the other slot.
    pub fn set_key(&self, slot: Slot, key: impl Into<String>) {
        self.shared.set_key(slot, key.into()).unwrap_or_else(|why| panic!("the key {why}"));
    }

    /// The requests that arrived, oldest first, without control calls, the portal and health checks.
    pub fn requests(&self) -> Vec<JournalEntry> {
        self.shared.lock().journal.entries()
    }

    /// Makes matching requests go wrong.
    ///
    /// # Panics
    /// When the fault does nothing, or its parts contradict each other.
    pub fn add_fault(&self, fault: Fault) {
        if let Some(why) = fault.contradiction() {
            panic!("{why}");
        }
        self.shared.lock().faults.add(fault);
    }

    /// Forgets all faults.
    pub fn clear_faults(&self) {
        self.shared.lock().faults.clear();
    }

    /// Adds users, or replaces those with the same ids, from JSON text `{"users":[..]}`; unknown members are kept.
    ///
    /// # Panics
    /// When the text is not that.
    pub fn put_users(&self, json: &str) {
        let users = users::read_list(json).unwrap_or_else(|why| panic!("{why}"));
        let mut state = self.shared.lock();
        users.into_iter().for_each(|user| state.users.put(user));
    }

    /// Removes a user, and says whether there was one.
    pub fn remove_user(&self, user_id: &str) -> bool {
        self.shared.lock().users.remove(user_id)
    }

    /// Refuses every token that the user has at this moment; new ones can be had.
    pub fn revoke_tokens(&self, user_id: &str) {
        self.shared.lock().revoked.revoke(user_id);
    }

    /// Lets `time` pass at once for everything here that has a time: tokens expire, new ones are issued at the new time,
    /// and `Date` headers and the journal follow. [`reset`](Self::reset) takes it back.
    ///
    /// # Panics
    /// When that would lead further than 100 years ahead.
    pub fn advance_clock(&self, time: Duration) {
        self.shared.clock.advance(time).expect("at most 100 years ahead");
    }

    /// Back to the state it started in: keys, users, the system's time, no faults, an empty journal, no use of keys.
    pub fn reset(&self) {
        self.shared.reset();
    }

    /// Writes the data file, if there is one, with what was changed here; changes by HTTP are there already.
    pub fn save(&self) -> io::Result<()> {
        self.data.as_ref().map_or(Ok(()), |file| file.save(&self.shared))
    }

    /// Stops it; requests under way get a second to end.
    pub fn stop(mut self) {
        self.end(GRACE);
    }

    fn end(&mut self, grace: Duration) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(grace);
        }
        if let Some(thread) = self.thread.take() {
            // It only fails by a panic, which has said so on stderr.
            let _ = thread.join();
        }
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.end(Duration::ZERO);
    }
}

impl fmt::Debug for Emulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emulator")
            .field("url", &self.url())
            .field("tenant_id", &self.tenant_id())
            .finish_non_exhaustive()
    }
}

fn listen(addresses: &[SocketAddr]) -> io::Result<TcpListener> {
    let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for address in addresses {
        match listen_on(*address) {
            Ok(listener) => return Ok(listener),
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn listen_on(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    // Without it a port just used stays unusable for a minute; on Windows it would allow two listeners on one port.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// How the address is reached from this machine.
fn url(mut address: SocketAddr, tls: bool) -> String {
    if address.ip().is_unspecified() {
        address.set_ip(match address.ip() {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    format!("{}://{address}", if tls { "https" } else { "http" })
}
