//! Files and directories of Tacho alone: whatever the umask, whoever else is on the machine, only the user who runs Tacho
//! reads and writes them, and nothing is written through a link.
//!
//! All that Tacho writes is opened here.

use std::fs::{File, Metadata, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

/// What Tacho writes into its data directory. SQLite makes the files of its log, with the mode of the database.
const FILES: [&str; 10] = [
    "tacho.db",
    "tacho.db-wal",
    "tacho.db-shm",
    "tacho.db-journal",
    "tacho.lock",
    "tacho.upgrade",
    "tacho.address",
    "secret.key",
    "proxy-spill.ndjson",
    "ballast.bin",
];

const DIRECTORY_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;
/// Permissions of group and others, and the bits that a directory may have beside them.
const WIDER: u32 = 0o7077;
const STICKY: u32 = 0o1000;

/// Why Tacho does not write to what is there. It comes inside of an [`io::Error`].
#[derive(Debug, thiserror::Error)]
pub enum UnsafePath {
    /// A link may lead to a file of somebody else.
    #[error("{0} is a link, and Tacho writes through none. Put the file itself there, or remove the link")]
    Link(PathBuf),
    /// A directory, a pipe, a device.
    #[error("{0} is not a file. Move it away")]
    NotAFile(PathBuf),
    /// It has another name as well, which may be somebody else's.
    #[error("{0} has another name as well (a hard link). Put a copy in its place")]
    TwoNames(PathBuf),
    /// Whoever owns it reads what is in it and decides what that is.
    #[error(
        "{path} belongs to user {owner}, and Tacho runs as user {user}. Run it as the owner (`sudo -u '#{owner}' tacho ...`), or give this user all of it (`chown -R {user} ...`)"
    )]
    Foreign {
        /// The file or directory.
        path: PathBuf,
        /// User id of its owner.
        owner: u32,
        /// User id of this process.
        user: u32,
    },
}

/// Makes the data directory, or takes up the one that is there: it and the files of Tacho in it are closed to others,
/// and a warning says what was open. A link to a directory is followed, if it is this user's or root's; links inside
/// are refused.
pub fn directory(path: &Path) -> io::Result<()> {
    if !path.exists() {
        std::fs::DirBuilder::new().recursive(true).mode(DIRECTORY_MODE).create(path)?;
        // What the umask has taken from the owner.
        return std::fs::set_permissions(path, Permissions::from_mode(DIRECTORY_MODE));
    }
    let found = path.metadata()?;
    check_user(path, &path.symlink_metadata()?)?;
    check_user(path, &found)?;
    if rustix::process::geteuid().is_root() && found.uid() != 0 {
        tracing::warn!(
            "{} belongs to user {}, and Tacho runs as root: what it makes there belongs to root. Run it as that user, \
             or give root a directory of its own",
            path.display(),
            found.uid()
        );
    }
    let mut mended = Vec::new();
    if found.is_dir() && mode(&found) & WIDER != 0 {
        if is_shared(path, &found)? {
            tracing::warn!(
                "{} can be entered by others (mode {:04o}), and holds more than Tacho's data, so it stays as it is: give \
                 Tacho a directory of its own with --data-dir, or close this one with `chmod 700`",
                path.display(),
                mode(&found)
            );
        } else {
            mended.extend(close(path, &found, DIRECTORY_MODE));
        }
    }
    for name in FILES {
        let file = path.join(name);
        match file.symlink_metadata() {
            Ok(found) => {
                check_file(&file, &found)?;
                if mode(&found) & WIDER != 0 {
                    mended.extend(close(&file, &found, FILE_MODE));
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    match mended.join(", ") {
        closed if closed.is_empty() => {}
        // A directory that was made for Tacho just now: there was nothing to read.
        closed if !path.join("tacho.db").exists() => tracing::info!("Closed to other users: {closed}"),
        closed => tracing::warn!("Other users could read Tacho's data; closed to them: {closed}"),
    }
    Ok(())
}

/// Opens a file for Tacho alone; where it is made, only its owner may read and write it.
pub fn open(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    // A pipe in its place is not waited for.
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
    let opened = options.mode(FILE_MODE).custom_flags(flags).open(path);
    let file = opened.map_err(|error| match path.symlink_metadata() {
        Ok(found) if found.is_symlink() => io::Error::other(UnsafePath::Link(path.to_owned())),
        _ => error,
    })?;
    let found = file.metadata()?;
    check_file(path, &found)?;
    // Made under an odd umask, or opened to others since the start.
    if mode(&found) != FILE_MODE
        && let Err(error) = file.set_permissions(Permissions::from_mode(FILE_MODE))
    {
        warn_open(path, &found, &error);
    }
    Ok(file)
}

/// Puts `content` into a file at once: who reads it sees all of it or what was there before.
pub fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    aside(path, content)?.persist(path).map_err(|failed| failed.error)?;
    Ok(())
}

/// As [`replace`], and safe from a power cut, unless something is there already: whether it was written.
pub fn make(path: &Path, content: &[u8]) -> io::Result<bool> {
    let written = aside(path, content)?;
    written.as_file().sync_all()?;
    let made = match written.persist_noclobber(path) {
        Ok(_) => Ok(()),
        Err(failed) if failed.error.kind() == io::ErrorKind::AlreadyExists => return Ok(false),
        // Not every file system can do that at once.
        Err(_) => open(path, OpenOptions::new().write(true).create_new(true))
            .and_then(|mut file| file.write_all(content).and_then(|()| file.sync_all())),
    };
    match made {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(false),
        made => made?,
    }
    sync_directory(path);
    Ok(true)
}

/// A new file is only there after a power cut if its directory says so.
pub fn sync_directory(path: &Path) {
    if let Err(error) = File::open(parent(path)).and_then(|directory| directory.sync_all()) {
        tracing::debug!(error = %error, "Could not sync the data directory");
    }
}

/// A new file beside `path`, under a name that nobody can foresee.
fn aside(path: &Path, content: &[u8]) -> io::Result<tempfile::NamedTempFile> {
    let mut file = tempfile::Builder::new().prefix(".tacho-").tempfile_in(parent(path))?;
    // What the umask has taken from the owner.
    file.as_file().set_permissions(Permissions::from_mode(FILE_MODE))?;
    file.write_all(content)?;
    Ok(file)
}

fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// What is there, through a link or not, if it is this user's or root's; so must the link be.
pub fn trusted(path: &Path) -> io::Result<Metadata> {
    check_owner(path, &path.symlink_metadata()?)?;
    let found = path.metadata()?;
    check_owner(path, &found)?;
    Ok(found)
}

/// As [`check_owner`], but for root, who may use what belongs to anybody: in containers it often has to.
fn check_user(path: &Path, found: &Metadata) -> io::Result<()> {
    if rustix::process::geteuid().is_root() { Ok(()) } else { check_owner(path, found) }
}

fn check_owner(path: &Path, found: &Metadata) -> io::Result<()> {
    let (owner, user) = (found.uid(), rustix::process::geteuid().as_raw());
    if owner == user || owner == 0 {
        return Ok(());
    }
    Err(io::Error::other(UnsafePath::Foreign { path: path.to_owned(), owner, user }))
}

fn check_file(path: &Path, found: &Metadata) -> io::Result<()> {
    if found.is_symlink() {
        return Err(io::Error::other(UnsafePath::Link(path.to_owned())));
    }
    if !found.is_file() {
        return Err(io::Error::other(UnsafePath::NotAFile(path.to_owned())));
    }
    if found.nlink() > 1 {
        return Err(io::Error::other(UnsafePath::TwoNames(path.to_owned())));
    }
    check_user(path, found)
}

fn mode(found: &Metadata) -> u32 {
    found.mode() & 0o7777
}

/// Narrows what is there; what it was and is. Not every file system knows modes, and not every user may change them.
fn close(path: &Path, found: &Metadata, to: u32) -> Option<String> {
    match std::fs::set_permissions(path, Permissions::from_mode(to)) {
        Ok(()) => Some(format!("{} ({:04o} -> {to:04o})", path.display(), mode(found))),
        Err(error) => {
            warn_open(path, found, &error);
            None
        }
    }
}

fn warn_open(path: &Path, found: &Metadata, error: &io::Error) {
    let (path, mode) = (path.display(), mode(found));
    tracing::warn!("{path} may be used by others (mode {mode:04o}), and cannot be closed to them: {error}");
}

/// Whether a directory serves others as well: everybody makes files there, or it holds directories, which Tacho does
/// not make. To close `/tmp` or `/var/lib` would stop other programs.
fn is_shared(path: &Path, found: &Metadata) -> io::Result<bool> {
    if mode(found) & STICKY != 0 {
        return Ok(true);
    }
    for entry in path.read_dir()? {
        let entry = entry?;
        if entry.file_type()?.is_dir() && entry.file_name() != "lost+found" {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn mode_of(path: &Path) -> u32 {
        mode(&path.symlink_metadata().expect("it is there"))
    }

    fn refused(path: &Path, options: &mut OpenOptions) -> String {
        open(path, options).expect_err("a refusal").to_string()
    }

    #[test]
    fn what_is_made_is_private_and_what_was_open_is_closed() {
        let place = tempfile::tempdir().expect("a directory");
        let data = place.path().join("a/b");
        directory(&data).expect("made");
        assert_eq!(mode_of(&data), 0o700);
        assert_eq!(mode_of(&place.path().join("a")), 0o700);
        let file = data.join("tacho.db");
        open(&file, OpenOptions::new().append(true).create(true)).expect("made");
        assert_eq!(mode_of(&file), 0o600);
        for (directory_mode, file_mode) in [(0o755, 0o644), (0o777, 0o666), (0o2750, 0o640)] {
            std::fs::set_permissions(&data, Permissions::from_mode(directory_mode)).expect("opened");
            std::fs::set_permissions(&file, Permissions::from_mode(file_mode)).expect("opened");
            directory(&data).expect("taken up");
            assert_eq!((mode_of(&data), mode_of(&file)), (0o700, 0o600));
        }
        std::fs::set_permissions(&file, Permissions::from_mode(0o666)).expect("opened");
        open(&file, OpenOptions::new().read(true)).expect("opened");
        assert_eq!(mode_of(&file), 0o600);
    }

    #[test]
    fn a_directory_that_others_use_stays_as_it_is() {
        for (mode, subdirectory) in [(0o1777, None), (0o755, Some("others"))] {
            let place = tempfile::tempdir().expect("a directory");
            if let Some(name) = subdirectory {
                std::fs::create_dir(place.path().join(name)).expect("a directory");
            }
            std::fs::write(place.path().join("tacho.db"), "").expect("a file");
            std::fs::set_permissions(place.path(), Permissions::from_mode(mode)).expect("opened");
            directory(place.path()).expect("taken up");
            assert_eq!(mode_of(place.path()), mode);
            assert_eq!(mode_of(&place.path().join("tacho.db")), 0o600);
        }
    }

    #[test]
    fn nothing_is_written_through_a_link() {
        let place = tempfile::tempdir().expect("a directory");
        let data = place.path().join("data");
        directory(&data).expect("made");
        let victim = place.path().join("victim");
        for name in FILES {
            std::fs::write(&victim, "precious").expect("a file");
            let file = data.join(name);
            symlink(&victim, &file).expect("a link");
            assert!(directory(&data).expect_err("a refusal").to_string().contains("is a link"));
            let mut writing = OpenOptions::new();
            assert!(refused(&file, writing.append(true).create(true)).contains("is a link"));
            assert!(refused(&file, OpenOptions::new().write(true).truncate(true)).contains("is a link"));
            replace(&file, b"new").expect("put in the place of the link");
            assert!(!make(&file, b"newer").expect("there is one"));
            assert_eq!(std::fs::read(&victim).expect("the file"), b"precious");
            assert_eq!(std::fs::read(&file).expect("the file"), b"new");
            assert_eq!(mode_of(&file), 0o600);
            std::fs::remove_file(&file).expect("removed");
            std::fs::hard_link(&victim, &file).expect("a link");
            assert!(refused(&file, writing.append(true)).contains("another name"));
            std::fs::remove_file(&file).expect("removed");
        }
        let elsewhere = place.path().join("elsewhere");
        symlink(&data, &elsewhere).expect("a link");
        directory(&elsewhere).expect("a link to a directory of one's own");
    }

    #[test]
    fn only_files_are_written_to() {
        let place = tempfile::tempdir().expect("a directory");
        let pipe = place.path().join("tacho.lock");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo");
        assert!(made.success());
        assert!(refused(&pipe, OpenOptions::new().read(true).write(true)).contains("not a file"));
        assert!(directory(place.path()).expect_err("a refusal").to_string().contains("not a file"));
    }
}
