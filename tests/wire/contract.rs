//! The .proto files, compiled and written out one field a line, so that a change of the wire is a change of text.

use std::{collections::BTreeSet, fmt::Write, fs, path::Path};

use protox::prost_reflect::{
    DescriptorPool, EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor, ServiceDescriptor,
};

/// Names the services of the contract, in order.
pub fn services() -> BTreeSet<String> {
    compile().services().map(|service| service.name().to_owned()).collect()
}

/// Writes the contract out.
pub fn text() -> String {
    let pool = compile();
    let mut parts: Vec<String> = Vec::new();
    parts.extend(pool.all_enums().map(|declared| enumeration(&declared)));
    parts.extend(pool.all_messages().map(|declared| message(&declared)));
    parts.extend(pool.services().map(|declared| service(&declared)));
    parts.sort();
    parts.join("\n")
}

/// Lists the lines that only one of two texts has.
pub fn differences(agreed: &str, present: &str) -> String {
    let only = |text: &str, other: &str, mark: char| {
        let known: BTreeSet<(String, &str)> = placed(other).collect();
        let lines = placed(text).filter(|line| !known.contains(line));
        lines.fold(String::new(), |list, (part, line)| format!("{list}{mark} {part}:{line}\n"))
    };
    only(agreed, present, '-') + &only(present, agreed, '+')
}

/// Pairs each line with the declaration that it belongs to.
fn placed(text: &str) -> impl Iterator<Item = (String, &str)> {
    let mut part = String::new();
    text.lines().filter(|line| !line.is_empty()).map(move |line| {
        if !line.starts_with(' ') {
            line.clone_into(&mut part);
        }
        (part.clone(), line)
    })
}

fn compile() -> DescriptorPool {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../proto");
    let package = root.join("gradus/v1");
    let entries = fs::read_dir(&package).expect("the .proto files can be listed");
    let names = entries.map(|entry| entry.expect("the .proto files can be listed").file_name());
    let mut files: Vec<String> = names.map(|name| format!("gradus/v1/{}", name.to_string_lossy())).collect();
    files.sort();
    let mut compiler = protox::Compiler::new([&root]).expect("the .proto files are there");
    compiler.open_files(&files).unwrap_or_else(|error| panic!("the .proto files do not compile: {error}"));
    compiler.descriptor_pool()
}

fn enumeration(declared: &EnumDescriptor) -> String {
    let mut text = format!("enum {}\n", declared.full_name());
    for value in declared.values() {
        writeln!(text, "  {} {}", value.number(), value.name()).expect("text can be written");
    }
    text
}

fn message(declared: &MessageDescriptor) -> String {
    let mut text = format!("message {}\n", declared.full_name());
    let mut fields: Vec<FieldDescriptor> = declared.fields().collect();
    fields.sort_by_key(FieldDescriptor::number);
    for declared in &fields {
        writeln!(text, "  {}", field(declared)).expect("text can be written");
    }
    text
}

fn field(declared: &FieldDescriptor) -> String {
    let kind = match declared.kind() {
        Kind::Message(message) => message.full_name().to_owned(),
        Kind::Enum(declared) => declared.full_name().to_owned(),
        scalar => format!("{scalar:?}"),
    };
    let is_message = matches!(declared.kind(), Kind::Message(_));
    let label = match declared.containing_oneof().filter(|oneof| !oneof.is_synthetic()) {
        Some(oneof) => format!("oneof {} ", oneof.name()),
        None if declared.is_list() => "repeated ".to_owned(),
        None if declared.supports_presence() && !is_message => "optional ".to_owned(),
        None => String::new(),
    };
    format!("{} {label}{kind} {}", declared.number(), declared.name())
}

fn service(declared: &ServiceDescriptor) -> String {
    let mut text = format!("service {}\n", declared.full_name());
    for method in declared.methods() {
        let stream = |is_streaming| if is_streaming { "stream " } else { "" };
        let (input, output) = (method.input(), method.output());
        let (sent, answered) = (stream(method.is_client_streaming()), stream(method.is_server_streaming()));
        let signature = format!("({sent}{}) returns ({answered}{})", input.full_name(), output.full_name());
        writeln!(text, "  {}{signature}", method.name()).expect("text can be written");
    }
    text
}

#[test]
fn a_renumbered_field_is_a_difference_of_its_message() {
    let agreed = "message A\n  1 uint64 step\n\nmessage B\n  1 uint64 step\n";
    let present = "message A\n  1 uint64 step\n\nmessage B\n  2 uint64 step\n";
    assert_eq!(differences(agreed, present), "- message B:  1 uint64 step\n+ message B:  2 uint64 step\n");
}
