//! What Hugging Face templates expect of Python and of transformers beyond plain Jinja.

use jiff::{Timestamp, fmt::strtime, tz::TimeZone};
use minijinja::{Environment, Error, ErrorKind, Value, value::Kwargs};
use serde::Serialize;
use serde_json::ser::{Formatter, PrettyFormatter, Serializer};

use super::refusal;

/// Adds `tojson`, `raise_exception` and `strftime_now`.
pub(super) fn extend(environment: &mut Environment<'static>) {
    environment.add_filter("tojson", tojson);
    environment.add_function("raise_exception", |message: String| -> Result<Value, Error> { Err(refusal(message)) });
    environment.add_function("strftime_now", |format: String| strftime(&format, Timestamp::now()));
}

/// Rewrites the `{% generation %}` tags with which templates mark assistant text into blocks that are always rendered.
pub(super) fn without_generation_tags(source: &str) -> String {
    let mut rewritten = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(start) = rest.find("{%") {
        let (before, tag) = rest.split_at(start);
        let Some(length) = tag.find("%}") else { break };
        let (tag, after) = tag.split_at(length);
        rewritten.push_str(before);
        match tag.trim_matches(|c: char| "{%-+".contains(c) || c.is_whitespace()) {
            "generation" => rewritten.push_str(&tag.replace("generation", "if true")),
            "endgeneration" => rewritten.push_str(&tag.replace("endgeneration", "endif")),
            _ => rewritten.push_str(tag),
        }
        rest = after;
    }
    rewritten + rest
}

/// Formats a moment in UTC.
fn strftime(format: &str, moment: Timestamp) -> Result<String, Error> {
    let zoned = moment.to_zoned(TimeZone::UTC);
    strtime::format(format, &zoned).map_err(|source| {
        Error::new(ErrorKind::InvalidOperation, format!("unknown time format `{format}`")).with_source(source)
    })
}

/// `json.dumps(value, ensure_ascii=False)`: spaces after `,` and `:`, nothing escaped for HTML.
fn tojson(value: Value, arguments: Kwargs) -> Result<Value, Error> {
    let indent: Option<usize> = arguments.get("indent")?;
    let sort_keys: Option<bool> = arguments.get("sort_keys")?;
    // Templates pass these with their default values.
    let _: Option<Value> = arguments.get("ensure_ascii")?;
    let _: Option<Value> = arguments.get("separators")?;
    arguments.assert_all_used()?;
    let failed = |source| Error::new(ErrorKind::InvalidOperation, "cannot write the value as JSON").with_source(source);
    let json = if sort_keys == Some(true) {
        let mut sorted = serde_json::to_value(&value).map_err(failed)?;
        sorted.sort_all_objects();
        write(&sorted, indent)
    } else {
        write(&value, indent)
    };
    Ok(Value::from_safe_string(json.map_err(failed)?))
}

fn write(value: &impl Serialize, indent: Option<usize>) -> serde_json::Result<String> {
    match indent {
        Some(width) => write_with(value, PrettyFormatter::with_indent(" ".repeat(width).as_bytes())),
        None => write_with(value, PythonFormatter),
    }
}

fn write_with(value: &impl Serialize, formatter: impl Formatter) -> serde_json::Result<String> {
    let mut bytes = Vec::new();
    value.serialize(&mut Serializer::with_formatter(&mut bytes, formatter))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The spacing of Python's `json` module.
struct PythonFormatter;

impl Formatter for PythonFormatter {
    fn begin_array_value<W: ?Sized + std::io::Write>(&mut self, writer: &mut W, first: bool) -> std::io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    fn begin_object_key<W: ?Sized + std::io::Write>(&mut self, writer: &mut W, first: bool) -> std::io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    fn begin_object_value<W: ?Sized + std::io::Write>(&mut self, writer: &mut W) -> std::io::Result<()> {
        writer.write_all(b": ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(source: &str) -> String {
        let mut environment = Environment::new();
        extend(&mut environment);
        environment.render_str(source, ()).unwrap()
    }

    #[test]
    fn json_is_spaced_as_python_spaces_it_and_keeps_order_and_letters() {
        let source = r#"{{ {"b": [1, 2.5, true, none], "a": "<é\n>", "c": {}} | tojson }}"#;
        assert_eq!(render(source), r#"{"b": [1, 2.5, true, null], "a": "<é\n>", "c": {}}"#);
    }

    #[test]
    fn json_is_indented_and_sorted_on_request() {
        let source = r#"{{ {"b": [1], "a": []} | tojson(indent=2, sort_keys=true) }}"#;
        assert_eq!(render(source), "{\n  \"a\": [],\n  \"b\": [\n    1\n  ]\n}");
    }

    #[test]
    fn a_moment_is_formatted_in_utc() {
        let moment = Timestamp::from_second(1_700_000_000).unwrap();
        assert_eq!(strftime("%d %b %Y %H:%M", moment).unwrap(), "14 Nov 2023 22:13");
        assert!(strftime("%!", moment).is_err());
    }

    #[test]
    fn generation_tags_become_blocks_that_always_render() {
        let source = "{%- generation -%}a{% endgeneration +%}{% if generation %}b{% endif %}{{ '%}' }}";
        let expected = "{%- if true -%}a{% endif +%}{% if generation %}b{% endif %}{{ '%}' }}";
        assert_eq!(without_generation_tags(source), expected);
    }
}
