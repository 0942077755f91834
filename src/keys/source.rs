//! Where keys come from, and how a change there is noticed.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use secrecy::{ExposeSecret, SecretString};

use super::set::Keys;
use crate::files::{Patience, read_file};
use crate::secret::ApiKey;

/// A file changed less than this ago may still be being written; it is read at the next look.
const SETTLED: Duration = Duration::from_millis(200);
/// A key file holds one key; anything longer is something else.
const MAX_FILE: u64 = 16 * 1024;

/// A pair of keys as a callback gives them, not checked yet.
///
/// ```
/// use agglestone::{Config, GivenKeys};
///
/// let builder = Config::builder().key_source(|| {
///     let primary = std::fs::read_to_string("/run/vault/key").map_err(|error| error.kind().to_string())?;
///     Ok(GivenKeys { primary: primary.into(), secondary: None })
/// });
/// # drop(builder);
/// ```
#[derive(Clone)]
pub struct GivenKeys {
    /// The key to use first.
    pub primary: SecretString,
    /// The tenant's other key.
    pub secondary: Option<SecretString>,
}

type Callback = Arc<dyn Fn() -> Result<GivenKeys, String> + Send + Sync>;

/// Where the keys of a client come from.
#[derive(Clone)]
pub(crate) enum Source {
    /// Each key was given or is in a file.
    Places { primary: Place, secondary: Option<Place> },
    /// The host's own function, asked when keys are refused. With keys to begin with, or asked for those too. `nearby` are
    /// those of the environment, which it may quote.
    Callback { callback: Callback, first: Option<Keys>, nearby: Vec<SecretString> },
}

/// Where one key is.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    Given(ApiKey),
    /// A regular file.
    File(PathBuf),
}

/// A key file as it was found.
pub(crate) struct Found {
    pub place: Place,
    /// Every user of the machine may write it.
    pub open_to_all: bool,
}

/// Keys, and what their files looked like when they were read.
pub(crate) type Loaded = (Keys, Look);

/// What a file looked like: enough to notice that it was written, renamed over, or reached by another link.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Look(Vec<Option<(u64, Option<SystemTime>, u64)>>);

impl Source {
    /// The keys as they are now. May block: reads files or asks the host.
    pub fn load(&self) -> Result<Loaded, String> {
        match self {
            Source::Places { primary, secondary } => {
                // A mounted secret's files change together; a change between two reads must not pair old with new.
                let mut look = self.look();
                loop {
                    let keys = Keys {
                        primary: primary.load()?,
                        secondary: secondary.as_ref().map(Place::load).transpose()?,
                    };
                    let after = self.look();
                    if after == look {
                        return Ok((keys, look));
                    }
                    look = after;
                }
            }
            Source::Callback { callback, .. } => {
                let given = callback().map_err(|reason| format!("the key callback failed: {reason}"))?;
                let check = |name: &str, key: &SecretString| {
                    ApiKey::new(key.expose_secret())
                        .map_err(|what| format!("the {name} key that the callback gave {what}"))
                };
                let keys = Keys {
                    primary: check("primary", &given.primary)?,
                    secondary: given.secondary.as_ref().map(|key| check("secondary", key)).transpose()?,
                };
                Ok((keys, Look::default()))
            }
        }
    }

    /// The keys to begin with, where they can be had without asking the host.
    pub fn first(&self, patience: &Patience) -> Result<Option<Loaded>, String> {
        match self {
            Source::Places { .. } if self.has_files() => {
                let source = self.clone();
                patience.wait_for(move |_| source.load()).flatten().map(Some)
            }
            Source::Places { .. } => self.load().map(Some),
            Source::Callback { first, .. } => Ok(first.clone().map(|keys| (keys, Look::default()))),
        }
    }

    /// Keys that words of the host's function may quote, beside those in use.
    pub(super) fn nearby(&self) -> &[SecretString] {
        match self {
            Source::Places { .. } => &[],
            Source::Callback { nearby, .. } => nearby,
        }
    }

    /// Whether a change can be noticed by looking.
    pub fn has_files(&self) -> bool {
        self.files().next().is_some()
    }

    pub(super) fn look(&self) -> Look {
        Look(self.files().map(stamp).collect())
    }

    /// Whether every file was left alone long enough to be whole. A missing file is not being written.
    pub(super) fn is_settled(&self, now: SystemTime) -> bool {
        self.files().all(|file| {
            let modified = fs::metadata(file).and_then(|data| data.modified());
            modified.map_or(true, |modified| now.duration_since(modified).map_or(true, |age| age >= SETTLED))
        })
    }

    /// Whether asking again can bring other keys.
    pub(super) fn can_change(&self) -> bool {
        matches!(self, Source::Callback { .. }) || self.has_files()
    }

    fn files(&self) -> impl Iterator<Item = &PathBuf> {
        let (primary, secondary) = match self {
            Source::Places { primary, secondary } => (Some(primary), secondary.as_ref()),
            Source::Callback { .. } => (None, None),
        };
        primary.into_iter().chain(secondary).filter_map(|place| match place {
            Place::File(path) => Some(path),
            Place::Given(_) => None,
        })
    }
}

impl Place {
    /// Reads a key file for the first time. A pipe or a device gives its key once: it is a key that was given from then on,
    /// and nothing to watch.
    pub fn find(path: PathBuf, patience: &Patience) -> Result<Found, String> {
        let named = |what| of_file(&path, what);
        let contents = patience.read(&path, MAX_FILE).map_err(named)?;
        let key = read(&contents.bytes).map_err(named)?;
        let place = if contents.is_file { Place::File(path) } else { Place::Given(key) };
        Ok(Found { place, open_to_all: contents.open_to_all })
    }

    fn load(&self) -> Result<ApiKey, String> {
        match self {
            Place::Given(key) => Ok(key.clone()),
            Place::File(path) => {
                let key = read_file(path, MAX_FILE).and_then(|bytes| read(&bytes));
                key.map_err(|what| of_file(path, what))
            }
        }
    }
}

fn of_file(path: &Path, what: String) -> String {
    format!("the key file {} {what}", path.display())
}

/// The key in a file. One line break at its end, as editors leave it, and a byte-order mark are not part of it.
fn read(bytes: &[u8]) -> Result<ApiKey, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "is not text".to_owned())?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let text = text.strip_suffix('\n').map_or(text, |text| text.strip_suffix('\r').unwrap_or(text));
    ApiKey::new(text).map_err(str::to_owned)
}

#[cfg(unix)]
fn stamp(path: &PathBuf) -> Option<(u64, Option<SystemTime>, u64)> {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(path).ok().map(|data| (data.ino(), data.modified().ok(), data.len()))
}

#[cfg(not(unix))]
fn stamp(path: &PathBuf) -> Option<(u64, Option<SystemTime>, u64)> {
    fs::metadata(path).ok().map(|data| (0, data.modified().ok(), data.len()))
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Places { primary, secondary } => {
                f.debug_struct("Places").field("primary", primary).field("secondary", secondary).finish()
            }
            Source::Callback { first, .. } => f.debug_struct("Callback").field("first", first).finish(),
        }
    }
}
