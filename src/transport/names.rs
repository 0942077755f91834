//! Which addresses a name stands for: those that the system gives, but for `localhost`, which is this machine whatever a resolver
//! says (RFC 6761, 6.3). Plain http is sent there without any other proof.

use std::future::{Future, ready};
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use tower_service::Service;

pub(super) const LOCALHOST: &str = "localhost";

/// Where `localhost` is; the port is whatever the URL says.
pub(super) const LOOPBACK: [SocketAddr; 2] = [
    SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
    SocketAddr::new(std::net::IpAddr::V6(Ipv6Addr::LOCALHOST), 0),
];

/// Finds addresses for hyper.
#[derive(Clone)]
pub(super) struct Names(GaiResolver);

impl Names {
    pub fn new() -> Names {
        Names(GaiResolver::new())
    }
}

impl Service<Name> for Names {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, name: Name) -> Self::Future {
        if name.as_str().eq_ignore_ascii_case(LOCALHOST) {
            return Box::pin(ready(Ok(Vec::from(LOOPBACK).into_iter())));
        }
        let asked = self.0.call(name);
        Box::pin(async move { Ok(asked.await?.collect::<Vec<_>>().into_iter()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn localhost_is_this_machine_without_asking_anybody() {
        // Without a runtime nobody could be asked.
        let mut context = Context::from_waker(std::task::Waker::noop());
        for name in ["localhost", "LocalHost"] {
            let mut found = Names::new().call(name.parse().unwrap());
            let Poll::Ready(found) = found.as_mut().poll(&mut context) else { panic!("somebody was asked") };
            assert_eq!(
                found.unwrap().map(|address| address.ip().to_string()).collect::<Vec<_>>(),
                ["127.0.0.1", "::1"]
            );
        }
    }
}
