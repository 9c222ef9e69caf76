//! How long files and functions are, how many arguments they take, and what they unwrap.
//!
//! What stands inside a macro invocation is not parsed; only `.unwrap()` is looked for there as well.

use std::path::{Path, PathBuf};

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::{
    Attribute, Block, ExprMethodCall, FnArg, ImplItemFn, ItemFn, ItemMod, Macro, Signature, TraitItemFn,
    visit::{self, Visit},
};

use crate::tree::{File, Tree};

const MAX_FILE_LINES: usize = 500;
const MAX_FUNCTION_LINES: usize = 60;
const MAX_ARGUMENTS: usize = 5;
const SOURCE_EXTENSIONS: [&str; 8] = ["rs", "proto", "cpp", "hpp", "h", "py", "sh", "js"];

pub fn long_files(tree: &Tree) -> Vec<String> {
    let lengths = tree.with_extension(&SOURCE_EXTENSIONS).map(|file| (file, file.text.lines().count()));
    let long = lengths.filter(|(_, lines)| *lines > MAX_FILE_LINES);
    long.map(|(file, lines)| format!("{}: {lines} lines", file.path.display())).collect()
}

pub fn long_functions(tree: &Tree) -> Vec<String> {
    let long = functions(tree).filter(|function| function.num_lines > MAX_FUNCTION_LINES);
    long.map(|function| format!("{}: {} lines", function.place, function.num_lines)).collect()
}

pub fn wide_functions(tree: &Tree) -> Vec<String> {
    let wide = functions(tree).filter(|function| function.num_arguments > MAX_ARGUMENTS);
    wide.map(|function| format!("{}: {} arguments", function.place, function.num_arguments)).collect()
}

pub fn unwraps(tree: &Tree) -> Vec<String> {
    let surveys: Vec<_> = tree.rust().filter(|file| !file.is_test()).map(survey).collect();
    let test_modules: Vec<PathBuf> = surveys.iter().flat_map(|survey| survey.test_modules.clone()).collect();
    let is_test = |path: &Path| test_modules.iter().any(|module| path.with_extension("").starts_with(module));
    surveys.into_iter().filter(|survey| !is_test(&survey.file.path)).flat_map(|survey| survey.unwraps).collect()
}

fn functions(tree: &Tree) -> impl Iterator<Item = Function> {
    tree.rust().flat_map(|file| survey(file).functions)
}

/// One function with a body.
struct Function {
    place: String,
    num_lines: usize,
    num_arguments: usize,
}

/// What was met in one file.
struct Survey<'a> {
    file: &'a File,
    functions: Vec<Function>,
    unwraps: Vec<String>,
    /// Modules in files of their own that only tests compile, as paths without extension.
    test_modules: Vec<PathBuf>,
    test_depth: usize,
}

fn survey(file: &File) -> Survey<'_> {
    let syntax = match syn::parse_file(&file.text) {
        Ok(syntax) => syntax,
        Err(error) => panic!("failed to parse `{}`: {error}", file.path.display()),
    };
    let mut survey =
        Survey { file, functions: Vec::new(), unwraps: Vec::new(), test_modules: Vec::new(), test_depth: 0 };
    survey.visit_file(&syntax);
    survey
}

/// `#[test]`, `#[tokio::test]`, and `#[cfg(test)]` in any combination.
fn is_test_attribute(attribute: &Attribute) -> bool {
    let path = attribute.path();
    if path.segments.last().is_some_and(|segment| segment.ident == "test") {
        return true;
    }
    let names_test = |tree: TokenTree| matches!(tree, TokenTree::Ident(ident) if ident == "test");
    path.is_ident("cfg")
        && attribute.meta.require_list().is_ok_and(|list| list.tokens.clone().into_iter().any(names_test))
}

// === impl Survey ===

impl Survey<'_> {
    fn place(&self, span: Span) -> String {
        format!("{}:{}", self.file.path.display(), span.start().line)
    }

    fn record(&mut self, signature: &Signature, body: &Block) {
        let first = signature.fn_token.span.start().line;
        let last = body.brace_token.span.close().end().line;
        let is_argument = |input: &&FnArg| matches!(input, FnArg::Typed(_));
        self.functions.push(Function {
            place: format!("{} `{}`", self.place(signature.fn_token.span), signature.ident),
            num_lines: last + 1 - first,
            num_arguments: signature.inputs.iter().filter(is_argument).count(),
        });
    }

    /// Visits with `visit`, knowing whether `attributes` make it a test.
    fn within(&mut self, attributes: &[Attribute], visit: impl FnOnce(&mut Self)) {
        let depth = usize::from(attributes.iter().any(is_test_attribute));
        self.test_depth += depth;
        visit(self);
        self.test_depth -= depth;
    }

    fn unwrapped(&mut self, span: Span) {
        if self.test_depth == 0 {
            self.unwraps.push(self.place(span));
        }
    }

    fn search(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        for window in tokens.windows(3) {
            let [TokenTree::Punct(dot), TokenTree::Ident(name), TokenTree::Group(arguments)] = window else { continue };
            if dot.as_char() == '.' && name == "unwrap" && arguments.stream().is_empty() {
                self.unwrapped(name.span());
            }
        }
        for tree in tokens {
            if let TokenTree::Group(group) = tree {
                self.search(group.stream());
            }
        }
    }
}

impl<'ast> Visit<'ast> for Survey<'_> {
    fn visit_item_mod(&mut self, module: &'ast ItemMod) {
        self.within(&module.attrs, |survey| {
            if survey.test_depth > 0 && module.content.is_none() {
                survey.test_modules.push(survey.file.module_directory().join(module.ident.to_string()));
            }
            visit::visit_item_mod(survey, module);
        });
    }

    fn visit_item_fn(&mut self, function: &'ast ItemFn) {
        self.record(&function.sig, &function.block);
        self.within(&function.attrs, |survey| visit::visit_item_fn(survey, function));
    }

    fn visit_impl_item_fn(&mut self, function: &'ast ImplItemFn) {
        self.record(&function.sig, &function.block);
        self.within(&function.attrs, |survey| visit::visit_impl_item_fn(survey, function));
    }

    fn visit_trait_item_fn(&mut self, function: &'ast TraitItemFn) {
        if let Some(body) = &function.default {
            self.record(&function.sig, body);
        }
        visit::visit_trait_item_fn(self, function);
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        if call.method == "unwrap" && call.args.is_empty() {
            self.unwrapped(call.method.span());
        }
        visit::visit_expr_method_call(self, call);
    }

    fn visit_macro(&mut self, invocation: &'ast Macro) {
        self.search(invocation.tokens.clone());
    }
}

#[test]
fn the_survey_counts_what_the_rules_are_about() {
    let text = "//! A file.\n\
        impl A {\n    fn wide(&self, a: u8, b: u8,\n        c: u8) -> u8 {\n        x.unwrap()\n    }\n}\n\
        fn quiet() { assert!(y.unwrap()); z.unwrap_or(1); }\n\
        #[cfg(test)]\nmod tests {\n    #[test]\n    fn one() { x.unwrap(); }\n}\n\
        #[tokio::test]\nasync fn two() { x.unwrap(); }\n\
        #[cfg(test)]\nmod fixture;\n";
    let file = File { path: "a.rs".into(), text: text.to_owned() };
    let survey = survey(&file);
    let wide = &survey.functions[0];
    assert_eq!((wide.place.as_str(), wide.num_lines, wide.num_arguments), ("a.rs:3 `wide`", 4, 3));
    assert_eq!(survey.functions.len(), 4);
    assert_eq!(survey.unwraps, ["a.rs:5", "a.rs:8"]);
    assert_eq!(survey.test_modules, [Path::new("a/fixture")]);
}
