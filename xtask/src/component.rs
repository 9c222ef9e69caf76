//! Installs one part of libtorch at a time: made aside, moved into place, stamped.
//!
//! The stamp goes first and comes back last, so that whatever interrupts an installation leaves a component without a stamp, which the
//! next start installs again.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::Context;

use crate::{stamp::Stamp, workspace::step};

/// One part of libtorch.
pub struct Component<'a> {
    /// Its name, which is that of its stamp.
    pub name: &'a str,
    /// What it is made from. Another recipe than the stamp's means another version.
    pub recipe: String,
    /// The files and directories it makes, relative to the directory of libtorch.
    pub products: Vec<PathBuf>,
    /// Makes the products below the directory it is given.
    pub make: &'a dyn Fn(&Path) -> anyhow::Result<()>,
}

// === impl Component ===

impl Component<'_> {
    /// Brings the component in `root` into order, and says whether anything had to be done.
    pub fn ensure(&self, root: &Path) -> anyhow::Result<bool> {
        let stamp_path = root.join("stamps").join(self.name);
        let verdict = match Stamp::load(&stamp_path) {
            Some(mut stamp) => stamp.verify(&self.recipe, root).map(|touched| touched.then_some(stamp)),
            None => Err(anyhow::anyhow!("not installed")),
        };
        match verdict {
            Ok(None) => return Ok(false),
            Ok(Some(stamp)) => {
                stamp.save(&stamp_path)?;
                return Ok(false);
            }
            Err(reason) => step(&format!("installing {}: {reason:#}", self.name)),
        }
        self.install(root, &stamp_path).with_context(|| format!("failed to install `{}`", self.name))?;
        Ok(true)
    }

    fn install(&self, root: &Path, stamp_path: &Path) -> anyhow::Result<()> {
        let aside = root.join("aside").join(self.name);
        remove(&aside)?;
        fs::create_dir_all(&aside).with_context(|| format!("failed to make `{}`", aside.display()))?;
        (self.make)(&aside)?;
        remove(stamp_path)?;
        for product in &self.products {
            replace(&aside.join(product), &root.join(product))?;
        }
        remove(&aside)?;
        if let Some(stamps) = stamp_path.parent() {
            fs::create_dir_all(stamps).with_context(|| format!("failed to make `{}`", stamps.display()))?;
        }
        Stamp::of(&self.recipe, root, &self.products)?.save(stamp_path)
    }
}

/// Moves `from` to where `to` is, or was. A file is replaced at once; a directory that is in the way is removed first.
fn replace(from: &Path, to: &Path) -> anyhow::Result<()> {
    let attempt = || format!("failed to move `{}` to `{}`", from.display(), to.display());
    if to.is_dir() {
        remove(to)?;
    }
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent).with_context(attempt)?;
    }
    fs::rename(from, to).with_context(attempt)
}

/// Removes a file or a directory, which need not be there.
pub fn remove(path: &Path) -> anyhow::Result<()> {
    let result = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match result {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("failed to remove `{}`", path.display()))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use anyhow::bail;

    use super::*;

    fn ensure(root: &Path, make: &dyn Fn(&Path) -> anyhow::Result<()>) -> anyhow::Result<bool> {
        let products = vec!["include".into(), "lib/a.so".into()];
        Component { name: "part", recipe: "version 1".to_owned(), products, make }.ensure(root)
    }

    fn make(aside: &Path) -> anyhow::Result<()> {
        fs::create_dir_all(aside.join("include"))?;
        fs::create_dir_all(aside.join("lib"))?;
        fs::write(aside.join("include/a.h"), "header")?;
        fs::write(aside.join("lib/a.so"), "library")?;
        Ok(())
    }

    #[test]
    fn a_component_is_made_once() {
        let root = tempfile::tempdir().expect("a temporary directory");
        let num_made = Cell::new(0);
        let counted = |aside: &Path| {
            num_made.set(num_made.get() + 1);
            make(aside)
        };
        assert!(ensure(root.path(), &counted).expect("installed"));
        assert!(!ensure(root.path(), &counted).expect("installed already"));
        assert_eq!(num_made.get(), 1);
    }

    #[test]
    fn damage_is_repaired_and_strangers_in_a_directory_are_swept_out() {
        let root = tempfile::tempdir().expect("a temporary directory");
        ensure(root.path(), &make).expect("installed");
        fs::write(root.path().join("lib/a.so"), "libr").expect("truncated");
        fs::write(root.path().join("include/stranger.h"), "").expect("added");
        assert!(ensure(root.path(), &make).expect("repaired"));
        assert_eq!(fs::read_to_string(root.path().join("lib/a.so")).expect("the library"), "library");
        assert!(!root.path().join("include/stranger.h").exists());
    }

    #[test]
    fn an_installation_that_fails_half_way_is_not_taken_for_whole() {
        let root = tempfile::tempdir().expect("a temporary directory");
        let broken = |aside: &Path| {
            fs::create_dir_all(aside.join("include"))?;
            fs::write(aside.join("include/a.h"), "head")?;
            bail!("the disk is full")
        };
        let error = ensure(root.path(), &broken).expect_err("the disk is full");
        assert!(format!("{error:#}").contains("failed to install `part`: the disk is full"), "{error:#}");
        assert!(!root.path().join("include").exists());
        assert!(ensure(root.path(), &make).expect("installed"));
        assert!(!ensure(root.path(), &make).expect("installed already"));
    }
}
