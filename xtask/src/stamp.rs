//! What a component installed, by size and hash, so that damage is noticed before anything is built against it.
//!
//! A stamp is a text file: its first line names what was installed, each further line is `sha256 size mtime path`. Sizes are compared at every
//! start. A file whose modification time changed is hashed again, so that an untouched installation costs one `stat` a file.

use std::{
    fmt::Write as _,
    fs::{self, File},
    io::{self, Read},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use sha2::{Digest, Sha256};

/// The record of one installed component.
#[derive(Debug, PartialEq, Eq)]
pub struct Stamp {
    recipe: String,
    files: Vec<Entry>,
}

/// One installed file, relative to the directory of libtorch.
#[derive(Debug, PartialEq, Eq)]
struct Entry {
    sha256: String,
    size_bytes: u64,
    modified_ns: i128,
    path: PathBuf,
}

/// The SHA-256 of a file, in hexadecimal.
pub fn sha256(path: &Path) -> anyhow::Result<String> {
    let attempt = || format!("failed to read `{}`", path.display());
    let mut file = File::open(path).with_context(attempt)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(length) => hasher.update(&buffer[..length]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error).with_context(attempt),
        }
    }
    Ok(hasher.finalize().iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    }))
}

// === impl Stamp ===

impl Stamp {
    /// Records `paths`, files or directories below `root`, as the product of `recipe`.
    pub fn of(recipe: &str, root: &Path, paths: &[PathBuf]) -> anyhow::Result<Self> {
        let mut stamp = Self { recipe: recipe.to_owned(), files: Vec::new() };
        for path in paths {
            stamp.record(root, path)?;
        }
        Ok(stamp)
    }

    /// Reads a stamp; a missing or mangled one is no stamp.
    pub fn load(path: &Path) -> Option<Self> {
        let text = fs::read_to_string(path).ok()?;
        let mut lines = text.lines();
        let recipe = lines.next()?.to_owned();
        let files = lines.map(Entry::parse).collect::<Option<Vec<_>>>()?;
        // The last line guards against a stamp cut short.
        text.ends_with('\n').then_some(Self { recipe, files })
    }

    /// Writes the stamp aside and renames it into place.
    pub fn save(&self, path: &Path) -> anyhow::Result<()> {
        let mut text = format!("{}\n", self.recipe);
        for Entry { sha256, size_bytes, modified_ns, path } in &self.files {
            let _ = writeln!(text, "{sha256} {size_bytes} {modified_ns} {}", path.display());
        }
        let aside = path.with_extension("new");
        let write = || fs::write(&aside, text).and_then(|()| fs::rename(&aside, path));
        write().with_context(|| format!("failed to write `{}`", path.display()))
    }

    /// Fails with the first file below `root` that is not as it was installed by `recipe`. Says whether modification times changed while
    /// contents did not, in which case the stamp was brought up to date and is worth saving.
    pub fn verify(&mut self, recipe: &str, root: &Path) -> anyhow::Result<bool> {
        if self.recipe != recipe {
            bail!("another version is installed");
        }
        let mut touched = false;
        for entry in &mut self.files {
            touched |= entry.verify(root)?;
        }
        Ok(touched)
    }

    fn record(&mut self, root: &Path, path: &Path) -> anyhow::Result<()> {
        let full = root.join(path);
        let attempt = || format!("failed to read `{}`", full.display());
        let metadata = fs::metadata(&full).with_context(attempt)?;
        if !metadata.is_dir() {
            self.files.push(Entry {
                sha256: sha256(&full)?,
                size_bytes: metadata.len(),
                modified_ns: modified_ns(&metadata),
                path: path.to_owned(),
            });
            return Ok(());
        }
        let mut children = fs::read_dir(&full)
            .and_then(|entries| entries.map(|entry| Ok(path.join(entry?.file_name()))).collect::<io::Result<Vec<_>>>())
            .with_context(attempt)?;
        children.sort();
        children.iter().try_for_each(|child| self.record(root, child))
    }
}

// === impl Entry ===

impl Entry {
    fn parse(line: &str) -> Option<Self> {
        let mut fields = line.splitn(4, ' ');
        Some(Self {
            sha256: fields.next()?.to_owned(),
            size_bytes: fields.next()?.parse().ok()?,
            modified_ns: fields.next()?.parse().ok()?,
            path: fields.next()?.into(),
        })
    }

    fn verify(&mut self, root: &Path) -> anyhow::Result<bool> {
        let path = root.join(&self.path);
        let Ok(metadata) = fs::metadata(&path) else {
            bail!("`{}` is missing", path.display());
        };
        if metadata.len() != self.size_bytes {
            bail!("`{}` has {} bytes instead of {}", path.display(), metadata.len(), self.size_bytes);
        }
        if modified_ns(&metadata) == self.modified_ns {
            return Ok(false);
        }
        if sha256(&path)? != self.sha256 {
            bail!("`{}` was changed", path.display());
        }
        self.modified_ns = modified_ns(&metadata);
        Ok(true)
    }
}

fn modified_ns(metadata: &fs::Metadata) -> i128 {
    i128::from(metadata.mtime()) * 1_000_000_000 + i128::from(metadata.mtime_nsec())
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    fn installed() -> (TempDir, Stamp) {
        let root = tempfile::tempdir().expect("a temporary directory");
        fs::create_dir_all(root.path().join("include/deep")).expect("a directory");
        fs::write(root.path().join("include/deep/a header.h"), "int x;").expect("a file");
        fs::write(root.path().join("library.so"), "elf").expect("a file");
        let stamp = Stamp::of("wheel 1", root.path(), &["include".into(), "library.so".into()]).expect("a stamp");
        stamp.save(&root.path().join("stamp")).expect("saved");
        (root, stamp)
    }

    #[test]
    fn a_stamp_survives_being_written_and_read() {
        let (root, stamp) = installed();
        assert_eq!(Stamp::load(&root.path().join("stamp")), Some(stamp));
    }

    #[test]
    fn a_stamp_cut_short_is_no_stamp() {
        let (root, _) = installed();
        let path = root.path().join("stamp");
        let text = fs::read_to_string(&path).expect("the stamp");
        fs::write(&path, &text[..text.len() - 4]).expect("cut");
        assert_eq!(Stamp::load(&path), None);
    }

    #[test]
    fn an_untouched_installation_is_whole() {
        let (root, mut stamp) = installed();
        assert!(!stamp.verify("wheel 1", root.path()).expect("whole"));
    }

    #[test]
    fn another_recipe_a_missing_a_short_and_a_changed_file_are_noticed() {
        let damage = |harm: &dyn Fn(&Path), recipe: &str| {
            let (root, mut stamp) = installed();
            harm(root.path());
            stamp.verify(recipe, root.path()).expect_err("damaged").to_string()
        };
        assert!(damage(&|_| {}, "wheel 2").contains("another version"));
        let remove = |root: &Path| fs::remove_file(root.join("library.so")).expect("removed");
        assert!(damage(&remove, "wheel 1").contains("is missing"));
        let truncate = |root: &Path| fs::write(root.join("include/deep/a header.h"), "int").expect("truncated");
        assert!(damage(&truncate, "wheel 1").contains("has 3 bytes instead of 6"));
        let change = |root: &Path| fs::write(root.join("library.so"), "ELF").expect("changed");
        assert!(damage(&change, "wheel 1").contains("was changed"));
    }

    #[test]
    fn a_file_written_again_with_the_same_content_is_accepted_and_remembered() {
        let (root, mut stamp) = installed();
        let file = File::options().append(true).open(root.path().join("library.so")).expect("the file");
        file.set_modified(std::time::UNIX_EPOCH).expect("another time");
        assert!(stamp.verify("wheel 1", root.path()).expect("whole"));
        assert!(!stamp.verify("wheel 1", root.path()).expect("whole"));
    }
}
