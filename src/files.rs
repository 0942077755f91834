//! Files that a configuration names, whatever is behind the path: read within a time and a size, never on a thread that must
//! not wait.

use std::fmt;
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use crate::path::why_unreadable;
use crate::sync::Mutex;

/// How long a file, or whoever writes into a pipe, may take.
const LIMIT: Duration = Duration::from_secs(10);
/// How often a caller is asked whether it still wants to wait.
const ASK_EVERY: Duration = Duration::from_millis(100);

/// Asked while files are waited for: `true` ends the wait.
#[derive(Clone)]
pub(crate) struct Interrupted(Arc<dyn Fn() -> bool + Send + Sync>);

/// How long a caller waits for files.
pub(crate) struct Patience {
    limit: Duration,
    interrupted: Option<Interrupted>,
}

/// What was read, and from what.
pub(crate) struct Contents {
    pub bytes: Zeroizing<Vec<u8>>,
    /// Not a pipe or a device, which give what they have once.
    pub is_file: bool,
    /// Every user of the machine may write it.
    pub open_to_all: bool,
}

impl Interrupted {
    pub fn new(ask: impl Fn() -> bool + Send + Sync + 'static) -> Interrupted {
        Interrupted(Arc::new(ask))
    }
}

impl Patience {
    pub fn new(interrupted: Option<Interrupted>) -> Patience {
        Patience { limit: LIMIT, interrupted }
    }

    /// Does the work on a thread of its own, which a disk may hold up for ever. The error says why it is not waited for.
    pub fn wait_for<T: Send + 'static>(
        &self,
        work: impl FnOnce(Instant) -> T + Send + 'static,
    ) -> Result<T, String> {
        let end = Instant::now() + self.limit;
        let (sender, receiver) = sync_channel(1);
        let work = Arc::new(Mutex::new(Some(work)));
        let task = {
            let work = work.clone();
            move || {
                let work = work.lock().take();
                // Nobody may be waiting any more.
                work.into_iter().for_each(|work| drop(sender.try_send(work(end))));
            }
        };
        if std::thread::Builder::new().name("agglestone-file".into()).spawn(task).is_err()
            && let Some(work) = work.lock().take()
        {
            // No thread is to be had. Files mostly answer.
            return Ok(work(end));
        }
        loop {
            let left = end.saturating_duration_since(Instant::now());
            match receiver.recv_timeout(left.min(ASK_EVERY)) {
                Ok(done) => return Ok(done),
                Err(RecvTimeoutError::Disconnected) => return Err("reading it panicked".to_owned()),
                Err(RecvTimeoutError::Timeout) if left.is_zero() => return Err(late(self.limit)),
                Err(RecvTimeoutError::Timeout) => {}
            }
            if self.interrupted.as_ref().is_some_and(|Interrupted(ask)| ask()) {
                return Err("reading it was interrupted".to_owned());
            }
        }
    }

    /// Reads a file, or what a pipe or device gives until its end. The error completes a sentence about the path.
    pub fn read(&self, path: &Path, most: u64) -> Result<Contents, String> {
        let path = path.to_owned();
        let read = self.wait_for(move |end| read_until(&path, most, end))?;
        // The thread's own end of waiting, which may come a moment before the caller's.
        read.map_err(|what| what.unwrap_or_else(|| late(self.limit)))
    }
}

impl Default for Patience {
    fn default() -> Patience {
        Patience::new(None)
    }
}

/// Reads a file on this thread. What is no file is refused: it was one when the configuration was made, and opening it now
/// could take from somebody else what it gives only once.
pub(crate) fn read_file(path: &Path, most: u64) -> Result<Zeroizing<Vec<u8>>, String> {
    let failed = |error| unreadable(path, &error);
    let data = fs::metadata(path).map_err(failed)?;
    if !data.is_file() && !data.is_dir() {
        return Err("is not a regular file any more".to_owned());
    }
    File::open(path).and_then(|file| all_of(file, most)).map_err(failed)
}

/// The error is `None` where the time was over.
fn read_until(path: &Path, most: u64, end: Instant) -> Result<Contents, Option<String>> {
    let failed = |error: io::Error| Some(unreadable(path, &error));
    let data = fs::metadata(path).map_err(failed)?;
    let is_file = data.is_file() || data.is_dir();
    let bytes = if is_file {
        File::open(path).and_then(|file| all_of(file, most)).map_err(failed)?
    } else {
        stream::read(path, most, end).map_err(failed)?.ok_or(None)?
    };
    Ok(Contents { bytes, is_file, open_to_all: is_open_to_all(&data) })
}

fn all_of(file: File, most: u64) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::new());
    file.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most { Err(too_large(most)) } else { Ok(bytes) }
}

fn too_large(most: u64) -> io::Error {
    io::Error::new(io::ErrorKind::FileTooLarge, format!("is larger than {} KiB", most / 1024))
}

fn late(limit: Duration) -> String {
    format!("gave nothing to read within {} s", limit.as_secs_f64())
}

fn unreadable(path: &Path, error: &io::Error) -> String {
    let stands_for_bytes = || path.to_str().is_some_and(|text| text.contains('\u{fffd}'));
    match error.kind() {
        // Said here, and not by the system.
        io::ErrorKind::FileTooLarge if error.get_ref().is_some() => error.to_string(),
        io::ErrorKind::NotFound if stands_for_bytes() => {
            "can't be read: U+FFFD in it stands for bytes that are not UTF-8, which got lost on the way here; use a \
             path in UTF-8"
                .to_owned()
        }
        _ => format!("can't be read: {}", why_unreadable(error)),
    }
}

#[cfg(unix)]
fn is_open_to_all(data: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    data.mode() & 0o002 != 0
}

#[cfg(not(unix))]
fn is_open_to_all(_: &Metadata) -> bool {
    false
}

/// What gives bytes until its writers are gone: opened without waiting for one, so that no reader is left behind that takes
/// what is meant for the next.
#[cfg(unix)]
mod stream {
    use std::fs::OpenOptions;
    use std::io::{self, Read};
    use std::os::fd::AsFd;
    use std::os::unix::fs::OpenOptionsExt;
    use std::path::Path;
    use std::time::Instant;

    use nix::libc::{O_NOCTTY, O_NONBLOCK};
    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
    use zeroize::Zeroizing;

    /// `None` when the time is over.
    pub fn read(path: &Path, most: u64, end: Instant) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
        let mut file = OpenOptions::new().read(true).custom_flags(O_NONBLOCK | O_NOCTTY).open(path)?;
        // Never grown, since growing leaves copies behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(most as usize + 1));
        let mut chunk = Zeroizing::new([0; 4096]);
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let timeout = PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX);
            match poll(&mut [PollFd::new(file.as_fd(), PollFlags::POLLIN)], timeout) {
                Ok(0) => return Ok(None),
                Ok(_) => {}
                Err(nix::errno::Errno::EINTR) => continue,
                Err(error) => return Err(error.into()),
            }
            match file.read(&mut *chunk) {
                Ok(0) => return Ok(Some(bytes)),
                Ok(read) => bytes.extend_from_slice(&chunk[..read]),
                Err(error)
                    if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {}
                Err(error) => return Err(error),
            }
            if bytes.len() as u64 > most {
                return Err(super::too_large(most));
            }
        }
    }
}

#[cfg(not(unix))]
mod stream {
    use std::fs::File;
    use std::io;
    use std::path::Path;
    use std::time::Instant;

    use zeroize::Zeroizing;

    pub fn read(path: &Path, most: u64, _: Instant) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
        super::all_of(File::open(path)?, most).map(Some)
    }
}

impl fmt::Debug for Interrupted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Interrupted")
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::io::Write;
    use std::path::PathBuf;
    use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

    use super::*;

    const SHORT: Duration = Duration::from_millis(50);

    fn within(limit: Duration) -> Patience {
        Patience { limit, interrupted: None }
    }

    fn fifo(folder: &tempfile::TempDir) -> PathBuf {
        let path = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        path
    }

    fn failed(read: Result<Contents, String>) -> String {
        read.err().expect("nothing was read")
    }

    #[test]
    fn a_pipe_is_read_to_its_writers_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = fifo(&folder);
        let writer = {
            let path = path.clone();
            std::thread::spawn(move || {
                let mut pipe = File::options().write(true).open(path).unwrap();
                for part in ["first ", "second ", "third"] {
                    pipe.write_all(part.as_bytes()).unwrap();
                    std::thread::yield_now();
                }
            })
        };
        let read = Patience::default().read(&path, 100).ok().unwrap();
        writer.join().unwrap();
        assert_eq!((&**read.bytes, read.is_file), (&b"first second third"[..], false));
    }

    #[test]
    fn nobody_is_waited_for_longer_than_the_limit() {
        let folder = tempfile::tempdir().unwrap();
        let path = fifo(&folder);
        assert_eq!(failed(within(SHORT).read(&path, 100)), "gave nothing to read within 0.05 s");
        // A writer that writes nothing, and one that never ends.
        let mut pipe = File::options().read(true).write(true).open(&path).unwrap();
        assert!(failed(within(SHORT).read(&path, 100)).contains("within"));
        pipe.write_all(b"half").unwrap();
        assert!(failed(within(SHORT).read(&path, 100)).contains("within"));
        let stuck = within(SHORT).wait_for(|_| std::thread::sleep(Duration::from_secs(60)));
        assert_eq!(stuck.unwrap_err(), "gave nothing to read within 0.05 s");
    }

    #[test]
    fn an_interrupted_caller_does_not_wait() {
        let folder = tempfile::tempdir().unwrap();
        let asked = Arc::new(AtomicBool::new(false));
        let ask = asked.clone();
        let patience = Patience::new(Some(Interrupted::new(move || ask.swap(true, SeqCst))));
        assert_eq!(failed(patience.read(&fifo(&folder), 100)), "reading it was interrupted");
    }

    #[test]
    fn what_never_ends_is_read_to_the_limit_only() {
        for (path, most) in [("/dev/zero", 1024), ("/proc/self/status", 8)] {
            let error = failed(Patience::default().read(Path::new(path), most));
            assert_eq!(error, format!("is larger than {} KiB", most / 1024));
        }
    }

    #[test]
    fn a_file_that_became_a_pipe_is_not_opened() {
        let folder = tempfile::tempdir().unwrap();
        let path = fifo(&folder);
        assert_eq!(read_file(&path, 100).unwrap_err(), "is not a regular file any more");
        assert!(read_file(folder.path(), 100).unwrap_err().contains("it is a directory"));
    }

    #[test]
    fn a_path_that_lost_its_bytes_is_not_just_missing() {
        let failed = |path: &str| failed(Patience::default().read(Path::new(path), 1));
        assert!(failed("/nowhere/k\u{fffd}y").contains("not UTF-8"));
        assert_eq!(failed("/nowhere/key"), "can't be read: no such file");
    }

    #[test]
    fn a_file_that_everybody_may_write_is_noticed() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        fs::write(&path, "k").unwrap();
        for (mode, open) in [(0o644, false), (0o664, false), (0o646, true)] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(Patience::default().read(&path, 100).ok().unwrap().open_to_all, open, "{mode:o}");
        }
    }
}
