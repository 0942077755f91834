//! The threads that drive I/O for calls that don't block.

use std::panic::AssertUnwindSafe;

use tokio::runtime::{Builder, Runtime};

use crate::config::MOST_IO_THREADS;
use crate::error::{Code, Error, Result};
use crate::process::PerProcess;
use crate::session::Session;
use crate::transport::sigpipe;
use crate::turns;

/// One runtime for all clients of the process that want so many threads. One is enough for most: calls wait, they don't compute.
pub(super) fn runtime(session: &Session) -> Result<&'static Runtime> {
    static RUNTIMES: [PerProcess<Runtime>; MOST_IO_THREADS] = [const { PerProcess::new() }; MOST_IO_THREADS];
    let threads = session.config().io_threads();
    RUNTIMES[threads - 1].get_or_try_init(|| {
        let mut builder = Builder::new_multi_thread();
        builder.worker_threads(threads).thread_name("agglestone-io").enable_all().on_thread_park(turns::over);
        // tokio panics where it can't start its threads.
        let built = sigpipe::blocked(|| std::panic::catch_unwind(AssertUnwindSafe(|| builder.build())));
        match built {
            Ok(Ok(runtime)) => Ok(runtime),
            Ok(Err(error)) => Err(no_io_thread(&error.to_string())),
            Err(_) => Err(no_io_thread("is the limit of threads or processes reached?")),
        }
    })
}

fn no_io_thread(why: &str) -> Error {
    Error::new(Code::Connect, format!("the I/O thread can't be started ({why})"))
}
