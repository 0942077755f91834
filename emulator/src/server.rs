//! Accepts connections and serves them until told to stop.
//! Connections are served one by one rather than by `axum::serve`, because a fault may have to cut one.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinSet;

use crate::faults::cut::Cut;
use crate::visitors::Peer;

/// Serves until `stop` says how long requests under way may still take; if its sender is dropped, they may not.
pub(crate) async fn serve(listener: TcpListener, router: Router, mut stop: oneshot::Receiver<Duration>) {
    let (stopping, stopped) = watch::channel(());
    let mut connections = JoinSet::new();
    let grace = loop {
        tokio::select! {
            grace = &mut stop => break grace.unwrap_or(Duration::ZERO),
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    connections.spawn(connection(stream, Peer(peer), router.clone(), stopped.clone()));
                }
                // Out of file descriptors, most likely: others have to close before this can go on.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    };
    drop(listener);
    drop(stopping);
    let all_done = async { while connections.join_next().await.is_some() {} };
    let _ = tokio::time::timeout(grace, all_done).await;
}

async fn connection(stream: TcpStream, peer: Peer, router: Router, mut stopped: watch::Receiver<()>) {
    let _ = stream.set_nodelay(true);
    let router = TowerToHyperService::new(router);
    let service = service_fn(|request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(peer);
        let answer = router.call(request);
        async move {
            match answer.await {
                Ok(response) => Cut::unless(response),
                Err(never) => match never {},
            }
        }
    });
    let mut connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    let served = tokio::select! {
        served = &mut connection => served,
        _ = stopped.changed() => {
            std::pin::Pin::new(&mut connection).graceful_shutdown();
            (&mut connection).await
        }
    };
    if let Err(error) = served
        && error.is_user()
    {
        Cut::of(&error).carry_out(connection.into_parts().io.into_inner()).await;
    }
}
