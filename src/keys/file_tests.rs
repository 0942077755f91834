//! Keys in files, as mounted secrets are: real files, with their times set by hand so that nothing waits.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use super::ring::LOOK_EVERY;
use super::{KeyRing, Place, Source};
use crate::events::{Event, Listener};
use crate::sync::Mutex;

struct Mount {
    folder: tempfile::TempDir,
    ring: Arc<KeyRing>,
    events: Arc<Mutex<Vec<Event>>>,
    now: Instant,
}

/// The keys of two files.
fn ring(primary: PathBuf, secondary: PathBuf, listener: Listener) -> Arc<KeyRing> {
    let source = Source::Places { primary: Place::File(primary), secondary: Some(Place::File(secondary)) };
    let (keys, look) = source.load().unwrap();
    Arc::new(KeyRing::new(source, Some(keys), look, listener))
}

impl Mount {
    fn new(primary: &str, secondary: &str) -> Mount {
        let folder = tempfile::tempdir().unwrap();
        let events = Arc::new(Mutex::new(Vec::new()));
        let seen = events.clone();
        write(&folder.path().join("primary"), primary);
        write(&folder.path().join("secondary"), secondary);
        let listener = Listener::new(move |event| seen.lock().push(event.clone()));
        let ring = ring(folder.path().join("primary"), folder.path().join("secondary"), listener);
        Mount { folder, ring, events, now: Instant::now() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What a call begun half a second later finds.
    fn keys(&mut self) -> Vec<String> {
        self.now += LOOK_EVERY * 2;
        if let Some(work) = self.ring.look_work(self.now) {
            work.run().unwrap();
        }
        let set = self.ring.current().unwrap();
        set.slots().map(|slot| slot.key.expose().to_owned()).collect()
    }

    fn events(&self) -> Vec<&'static str> {
        self.events.lock().drain(..).map(|event| event.name()).collect()
    }
}

/// Writes a file that looks as if it had rested.
fn write(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    rest(path);
}

fn rest(path: &Path) {
    let file = File::options().append(true).open(path).unwrap();
    file.set_modified(SystemTime::now() - SETTLED_FOR).unwrap();
}

const SETTLED_FOR: std::time::Duration = std::time::Duration::from_secs(5);

#[test]
fn a_file_written_anew_is_taken() {
    let mut mount = Mount::new("p1\n", "s1\r\n");
    assert_eq!(mount.keys(), ["p1", "s1"]);
    write(&mount.path("primary"), "\u{feff}p2-longer\n");
    assert_eq!(mount.keys(), ["p2-longer", "s1"]);
    assert_eq!(mount.events(), ["keys_replaced"]);
    assert_eq!(mount.keys(), ["p2-longer", "s1"]);
    assert!(mount.events().is_empty());
}

#[test]
fn a_file_replaced_by_rename_is_taken() {
    let mut mount = Mount::new("p1", "s1");
    // The same length and, in the worst case, the same time: only the file is another.
    write(&mount.path("new"), "p2");
    fs::rename(mount.path("new"), mount.path("primary")).unwrap();
    assert_eq!(mount.keys(), ["p2", "s1"]);
}

#[cfg(unix)]
#[test]
fn a_symlink_swapped_as_mounted_secrets_are_changes_both_keys_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    for (version, primary, secondary) in [("v1", "p1", "s1"), ("v2", "p2", "s2")] {
        fs::create_dir(path(version)).unwrap();
        write(&path(version).join("primary"), primary);
        write(&path(version).join("secondary"), secondary);
    }
    std::os::unix::fs::symlink("v1", path("data")).unwrap();
    let ring = ring(path("data/primary"), path("data/secondary"), Listener::default());
    std::os::unix::fs::symlink("v2", path("data-new")).unwrap();
    fs::rename(path("data-new"), path("data")).unwrap();
    ring.look_work(Instant::now() + LOOK_EVERY * 2).unwrap().run().unwrap();
    let set = ring.current().unwrap();
    let keys: Vec<_> = set.slots().map(|slot| slot.key.expose()).collect();
    assert_eq!(keys, ["p2", "s2"]);
}

#[test]
fn an_empty_unusable_or_vanished_file_keeps_the_keys_and_says_so_once() {
    for spoil in [
        (|path| write(path, "")) as fn(&Path),
        |path| write(path, "two\nlines"),
        |path| write(path, &"k".repeat(20_000)),
        |path| fs::write(path, [0xff, 0xfe]).map(|()| rest(path)).unwrap(),
        |path| fs::remove_file(path).unwrap(),
    ] {
        let mut mount = Mount::new("p1", "s1");
        spoil(&mount.path("primary"));
        assert_eq!(mount.keys(), ["p1", "s1"]);
        assert_eq!(mount.keys(), ["p1", "s1"]);
        assert_eq!(mount.events(), ["source_failed"]);
        write(&mount.path("primary"), "p2");
        assert_eq!(mount.keys(), ["p2", "s1"]);
        assert_eq!(mount.events(), ["keys_replaced"]);
    }
}

#[test]
fn a_file_that_may_still_be_being_written_waits_for_the_next_look() {
    let mut mount = Mount::new("p1", "s1");
    fs::write(mount.path("primary"), "half").unwrap();
    assert_eq!(mount.keys(), ["p1", "s1"]);
    assert!(mount.events().is_empty());
    write(&mount.path("primary"), "half-and-whole");
    assert_eq!(mount.keys(), ["half-and-whole", "s1"]);
}

#[test]
fn files_are_looked_at_twice_a_second_however_many_calls_there_are() {
    let mount = Mount::new("p1", "s1");
    let looks = |from: Instant| {
        (0..1000).filter(|call| mount.ring.look_work(from + Duration::from_millis(*call)).is_some()).count()
    };
    assert_eq!(looks(mount.now + LOOK_EVERY * 2), 2);
}
