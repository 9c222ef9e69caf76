//! Unpacks chosen members of a wheel, which is a zip archive.

use std::{
    fs::{self, File},
    io,
    path::Path,
};

use anyhow::{Context, bail};
use zip::ZipArchive;

/// Where members go: those that start with `prefix` land in `destination`, under the rest of their name.
#[derive(Debug)]
pub struct Selection {
    /// The start of a member's name: a whole file name, or a directory with its slash.
    pub prefix: &'static str,
    /// The directory or file it becomes, relative to the directory unpacked into.
    pub destination: &'static str,
}

/// Unpacks `selections` of `archive` into `directory`. A selection that matches nothing is an error: the wheel is not what it should be.
pub fn unpack(archive: &Path, selections: &[Selection], directory: &Path) -> anyhow::Result<()> {
    let attempt = || format!("failed to unpack `{}`", archive.display());
    let file = File::open(archive).with_context(attempt)?;
    let mut zip = ZipArchive::new(io::BufReader::new(file)).with_context(attempt)?;
    let mut num_matches = vec![0; selections.len()];
    for i in 0..zip.len() {
        let mut member = zip.by_index(i).with_context(attempt)?;
        let chosen = selections.iter().position(|selection| member.name().starts_with(selection.prefix));
        let (Some(chosen), true) = (chosen, member.is_file()) else { continue };
        if member.enclosed_name().is_none() {
            bail!("`{}` holds `{}`, which leads out of the archive", archive.display(), member.name());
        }
        let rest = &member.name()[selections[chosen].prefix.len()..];
        let path = directory.join(format!("{}{rest}", selections[chosen].destination));
        let parent = path.parent().with_context(attempt)?;
        fs::create_dir_all(parent).with_context(attempt)?;
        File::create(&path)
            .and_then(|mut output| io::copy(&mut member, &mut output))
            .with_context(|| format!("failed to write `{}`", path.display()))?;
        num_matches[chosen] += 1;
    }
    match num_matches.iter().position(|&count| count == 0) {
        Some(missing) => bail!("`{}` holds no `{}`", archive.display(), selections[missing].prefix),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::{ZipWriter, write::FileOptions};

    use super::*;

    fn wheel(directory: &Path) -> std::path::PathBuf {
        let path = directory.join("a.whl");
        let mut zip = ZipWriter::new(File::create(&path).expect("a file"));
        for name in ["torch/include/deep/a.h", "torch/lib/liba.so", "torch/lib/libb.so"] {
            zip.start_file(name, FileOptions::default()).expect("a member");
            zip.write_all(name.as_bytes()).expect("its content");
        }
        zip.finish().expect("an archive");
        path
    }

    #[test]
    fn only_selected_members_are_unpacked() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let wheel = wheel(directory.path());
        let selections = [
            Selection { prefix: "torch/include/", destination: "include/" },
            Selection { prefix: "torch/lib/liba.so", destination: "lib/liba.so" },
        ];
        let out = directory.path().join("out");
        unpack(&wheel, &selections, &out).expect("unpacked");
        assert_eq!(fs::read_to_string(out.join("include/deep/a.h")).expect("the header"), "torch/include/deep/a.h");
        assert!(out.join("lib/liba.so").exists() && !out.join("lib/libb.so").exists());
    }

    #[test]
    fn a_selection_without_a_member_is_an_error() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let wheel = wheel(directory.path());
        let selections = [Selection { prefix: "torch/bin/", destination: "bin/" }];
        let error = unpack(&wheel, &selections, directory.path()).expect_err("there is no such member");
        assert!(error.to_string().contains("holds no `torch/bin/`"), "{error}");
    }
}
