//! The files of the checkout.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Directories that hold what is built, fetched or run, not what is written.
const SKIPPED_DIRECTORIES: [&str; 4] = ["target", "runs", "node_modules", "__pycache__"];

/// Hidden directories that belong to the tree all the same.
const HIDDEN_DIRECTORIES: [&str; 3] = [".cargo", ".ci", ".config"];

/// Everything larger is data.
const MAX_TEXT_BYTES: u64 = 1 << 20;

/// The text files of the checkout.
pub struct Tree {
    pub root: PathBuf,
    pub files: Vec<File>,
}

/// One text file.
pub struct File {
    /// Relative to the root.
    pub path: PathBuf,
    pub text: String,
}

// === impl Tree ===

impl Tree {
    /// Reads the checkout this test was built in.
    pub fn read() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests lie in the root").to_owned();
        let mut tree = Self { root: root.clone(), files: Vec::new() };
        tree.read_directory(&root);
        assert!(tree.rust().count() > 20, "`{}` holds hardly any source", root.display());
        tree
    }

    /// The files whose name ends in one of `extensions`.
    pub fn with_extension<'a>(&'a self, extensions: &'a [&str]) -> impl Iterator<Item = &'a File> {
        self.files.iter().filter(move |file| file.extension().is_some_and(|extension| extensions.contains(&extension)))
    }

    /// The Rust sources.
    pub fn rust(&self) -> impl Iterator<Item = &File> {
        self.with_extension(&["rs"])
    }

    /// The packages' manifests.
    pub fn manifests(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.path.ends_with("Cargo.toml") && file.path != Path::new("Cargo.toml"))
    }

    fn read_directory(&mut self, directory: &Path) {
        let entries = fs::read_dir(directory).expect("a readable directory");
        for entry in entries.map(|entry| entry.expect("a readable directory")) {
            let name = entry.file_name().to_string_lossy().into_owned();
            let kind = entry.file_type().expect("a file type");
            let hidden = name.starts_with('.') && !HIDDEN_DIRECTORIES.contains(&name.as_str());
            if kind.is_dir() && !hidden && !SKIPPED_DIRECTORIES.contains(&name.as_str()) {
                self.read_directory(&entry.path());
            } else if kind.is_file() && entry.metadata().is_ok_and(|metadata| metadata.len() <= MAX_TEXT_BYTES) {
                self.read_file(&entry.path());
            }
        }
    }

    fn read_file(&mut self, path: &Path) {
        // What is not UTF-8 is not text.
        if let Ok(text) = fs::read_to_string(path) {
            let path = path.strip_prefix(&self.root).expect("a file of the tree").to_owned();
            self.files.push(File { path, text });
        }
    }
}

// === impl File ===

impl File {
    pub fn extension(&self) -> Option<&str> {
        self.path.extension()?.to_str()
    }

    /// The name without the extension.
    pub fn stem(&self) -> &str {
        self.path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default()
    }

    /// Where the modules that this file declares lie.
    pub fn module_directory(&self) -> PathBuf {
        match self.stem() {
            "lib" | "main" | "mod" => self.path.parent().map(Path::to_owned).unwrap_or_default(),
            _ => self.path.with_extension(""),
        }
    }

    /// Whether the file holds nothing but tests or benchmarks.
    pub fn is_test(&self) -> bool {
        let is_test_directory = |part: &std::ffi::OsStr| part == "tests" || part == "benches";
        self.stem() == "tests" || self.path.iter().any(is_test_directory)
    }
}
