//! The state of a run in a file: whole or not at all, for its owner alone, never through a link.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use knock::bulk::BulkSummary;
use tempfile::NamedTempFile;

use crate::Result;

/// The file that keeps what a later run needs.
pub(crate) struct StateFile {
    path: PathBuf,
    exists: bool,
    /// Reason for which the latest state is not in the file.
    failure: Option<io::Error>,
}

/// Use of the file for a later run.
#[derive(Debug)]
pub(crate) enum Outlook {
    /// It goes on where this one ended.
    GoesOn,
    /// It goes on from an earlier state, and sends some records again.
    GoesBack(io::Error),
    /// There is no state.
    StartsOver(io::Error),
}

impl StateFile {
    /// # Errors
    ///
    /// A path that is not one of a regular file: a link leads elsewhere, a device keeps nothing.
    pub fn new(path: PathBuf) -> Result<Self> {
        let exists = check(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Self {
            path,
            exists,
            failure: None,
        })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn exists(&self) -> bool {
        self.exists
    }

    /// The state that an earlier run left.
    pub fn load(&self) -> Result<Option<BulkSummary>> {
        if !self.exists {
            return Ok(None);
        }
        let path = self.path.display();
        let bytes = fs::read(&self.path).map_err(|error| format!("{path}: {error}"))?;
        serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|error| format!("{path} is not the state of a run: {error}").into())
    }

    /// Keeps a state in place of the last one. Returns the first of several failures in a row.
    pub fn save(&mut self, state: &BulkSummary) -> Option<String> {
        match self.write(state) {
            Ok(()) => {
                self.exists = true;
                self.failure = None;
                None
            }
            Err(error) => {
                let message = format!(
                    "the state cannot be written to {}: {error}",
                    self.path.display()
                );
                self.failure.replace(error).is_none().then_some(message)
            }
        }
    }

    fn write(&self, state: &BulkSummary) -> io::Result<()> {
        check(&self.path)?;
        let folder = folder(&self.path);
        // Only its owner may read it.
        let mut fresh = NamedTempFile::new_in(folder)?;
        fresh.write_all(&serde_json::to_vec(state)?)?;
        fresh.as_file().sync_all()?;
        fresh.persist(&self.path)?;
        // The name lasts, too; where a folder cannot be synced, the state is there all the same.
        if let Ok(folder) = File::open(folder) {
            let _ = folder.sync_all();
        }
        Ok(())
    }

    /// Removes the file, where nothing is left to do.
    pub fn remove(&mut self) -> io::Result<()> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// The use for a later run, after the last state was saved.
    pub fn outlook(self) -> Outlook {
        match (self.failure, self.exists) {
            (None, _) => Outlook::GoesOn,
            (Some(error), true) => Outlook::GoesBack(error),
            (Some(error), false) => Outlook::StartsOver(error),
        }
    }
}

/// Whether there is a file that a state may replace.
fn check(path: &Path) -> io::Result<bool> {
    let kind = match fs::symlink_metadata(path) {
        Ok(found) => found.file_type(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    match (kind.is_file(), kind.is_symlink()) {
        (true, _) => Ok(true),
        (false, true) => Err(io::Error::other(
            "a symbolic link, through which no state is read or written",
        )),
        (false, false) => Err(io::Error::other("not a regular file")),
    }
}

fn folder(path: &Path) -> &Path {
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    parent.unwrap_or(Path::new("."))
}
