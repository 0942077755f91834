//! What every program here takes and prints: `PROGRAM WAY CALLS AT_ONCE WARM_UP` makes WARM_UP calls, then CALLS, AT_ONCE of them
//! under way, and prints a line of JSON with the time and the processor's time of the latter, and the memory of the whole. Without
//! a warm-up the processor's time is that of the whole process.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

/// The arguments.
pub struct Work {
    /// Which of a program's ways to call.
    pub way: String,
    /// How many calls are measured.
    pub calls: usize,
    /// How many are under way at a time.
    pub at_once: usize,
    warm_up: usize,
}

impl Work {
    /// Reads them from the command line.
    pub fn from_args() -> Result<Self> {
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        ensure!(arguments.len() == 4, "usage: WAY CALLS AT_ONCE WARM_UP");
        let number = |index: usize| -> Result<usize> {
            arguments[index].parse().with_context(|| format!("{} is no number", arguments[index]))
        };
        let way = arguments[0].clone();
        Ok(Self { way, calls: number(1)?, at_once: number(2)?, warm_up: number(3)? })
    }

    /// Makes the calls by `run`, which is told how many, and prints what they took.
    pub fn measure(&self, mut run: impl FnMut(usize) -> Result<()>) -> Result<()> {
        if self.warm_up > 0 {
            run(self.warm_up)?;
        }
        // A cold process is measured as a whole.
        let before = if self.warm_up > 0 { cpu()? } else { Duration::ZERO };
        let start = Instant::now();
        run(self.calls)?;
        let (wall, cpu) = (start.elapsed(), cpu()?.saturating_sub(before));
        let peak = getrusage(UsageWho::RUSAGE_SELF)?.max_rss();
        println!(r#"{{"wallNs":{},"cpuNs":{},"peakKb":{peak}}}"#, wall.as_nanos(), cpu.as_nanos());
        Ok(())
    }

    /// How many of `calls` are made by number `index` of those at once.
    pub fn share(&self, calls: usize, index: usize) -> usize {
        calls / self.at_once + usize::from(index < calls % self.at_once)
    }

    /// Lets `at_once` threads share the calls.
    pub fn in_threads(&self, calls: usize, call: impl Fn() -> Result<()> + Sync) -> Result<()> {
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..self.at_once)
                .map(|index| {
                    let (share, call) = (self.share(calls, index), &call);
                    scope.spawn(move || (0..share).try_for_each(|_| call()))
                })
                .collect();
            threads.into_iter().try_for_each(|thread| thread.join().expect("no call panics"))
        })
    }

    /// Lets `at_once` tasks share the calls.
    pub fn in_tasks<F>(
        &self,
        runtime: &tokio::runtime::Runtime,
        calls: usize,
        call: impl Fn() -> F + Clone + Send + 'static,
    ) -> Result<()>
    where
        F: Future<Output = Result<()>> + Send,
    {
        runtime.block_on(async {
            let tasks: Vec<_> = (0..self.at_once)
                .map(|index| {
                    let (share, call) = (self.share(calls, index), call.clone());
                    tokio::spawn(async move {
                        for _ in 0..share {
                            call().await?;
                        }
                        anyhow::Ok(())
                    })
                })
                .collect();
            for task in tasks {
                task.await.expect("no call panics")?;
            }
            Ok(())
        })
    }
}

/// The runtime that a program would have on as many cores as this one may use.
pub fn runtime() -> Result<tokio::runtime::Runtime> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut builder = match cores {
        1 => tokio::runtime::Builder::new_current_thread(),
        _ => tokio::runtime::Builder::new_multi_thread(),
    };
    Ok(builder.enable_all().build()?)
}

/// The page that the calls ask for, for programs that know nothing of the service.
#[allow(dead_code, reason = "one of the two programs knows the service")]
pub fn page_url() -> Result<String> {
    let variable = |name: &str| std::env::var(name).with_context(|| format!("{name} is not set"));
    let (base, tenant) = (variable("AGGLESTONE_BASE_URL")?, variable("AGGLESTONE_TENANT_ID")?);
    Ok(format!("{base}/tenant/{tenant}/api/v2.0/Users?pageNumber=1&pageSize={}", page_size()))
}

/// How many users a page has.
pub fn page_size() -> u32 {
    std::env::var("BENCH_PAGE_SIZE").ok().and_then(|size| size.parse().ok()).unwrap_or(10)
}

fn cpu() -> Result<Duration> {
    let usage = getrusage(UsageWho::RUSAGE_SELF)?;
    let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Ok(Duration::from_micros(micros.try_into().context("time runs forwards")?))
}
