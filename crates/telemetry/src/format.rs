//! The two forms of a log line: compact for people, JSON for machines. Both name run and process on every line, whichever
//! thread or task wrote it.

use std::fmt;

use serde_json::{Map, Value};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    fmt::{
        FmtContext, FormatEvent, FormatFields, FormattedFields,
        format::{self, Writer},
        time::{FormatTime, SystemTime},
    },
    registry::LookupSpan,
};

use crate::Identity;

/// One line a person can read.
pub struct Compact {
    prefix: String,
    inner: format::Format<format::Compact>,
}

/// One JSON object a line: time, level, target, run, service, instance, rank, the fields of the spans around it, outermost
/// first, and its own fields, which win over those of spans.
pub struct JsonLines {
    identity: Map<String, Value>,
}

// === impl Compact ===

impl Compact {
    /// Makes the format of a process.
    pub fn new(identity: &Identity) -> Self {
        Self { prefix: format!("{}/{} ", identity.run, identity.instance), inner: format::format().compact() }
    }
}

impl<S, N> FormatEvent<S, N> for Compact
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        writer.write_str(&self.prefix)?;
        self.inner.format_event(context, writer, event)
    }
}

// === impl JsonLines ===

impl JsonLines {
    /// Makes the format of a process.
    pub fn new(process: &Identity) -> Self {
        let mut identity = Map::new();
        identity.insert("run".to_owned(), process.run.clone().into());
        identity.insert("service".to_owned(), process.service.into());
        identity.insert("instance".to_owned(), process.instance.clone().into());
        if let Some(rank) = process.rank {
            identity.insert("rank".to_owned(), rank.into());
        }
        Self { identity }
    }
}

impl<S, N> FormatEvent<S, N> for JsonLines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut line = Map::new();
        let mut time = String::new();
        SystemTime.format_time(&mut Writer::new(&mut time))?;
        line.insert("time".to_owned(), time.into());
        line.insert("level".to_owned(), event.metadata().level().as_str().into());
        line.insert("target".to_owned(), event.metadata().target().into());
        line.extend(self.identity.clone());
        for span in context.event_scope().into_iter().flat_map(tracing_subscriber::registry::Scope::from_root) {
            if let Some(fields) = span.extensions().get::<FormattedFields<N>>() {
                line.extend(serde_json::from_str::<Map<String, Value>>(fields).unwrap_or_default());
            }
        }
        event.record(&mut Fields(&mut line));
        writeln!(writer, "{}", Value::Object(line))
    }
}

/// Collects the fields of an event as JSON values.
struct Fields<'a>(&'a mut Map<String, Value>);

impl Fields<'_> {
    fn set(&mut self, field: &Field, value: impl Into<Value>) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.set(field, format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.set(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.set(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.set(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.set(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        // JSON has no infinities; their text is worth more than nothing.
        if value.is_finite() { self.set(field, value) } else { self.set(field, value.to_string()) }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::{Arc, Mutex},
    };

    use tracing_subscriber::{fmt::format::JsonFields, layer::SubscriberExt};

    use super::*;

    #[derive(Clone, Default)]
    struct Buffer(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Buffer {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn identity() -> Identity {
        Identity { run: "demo".into(), service: "learner", instance: "learner-1".into(), rank: Some(1) }
    }

    #[test]
    fn a_json_line_holds_identity_span_fields_and_its_own() {
        let buffer = Buffer::default();
        let writer = buffer.clone();
        let layer = tracing_subscriber::fmt::layer()
            .fmt_fields(JsonFields::new())
            .event_format(JsonLines::new(&identity()))
            .with_writer(move || writer.clone());
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
            let _span = tracing::info_span!("step", step = 3, policy_version = 2).entered();
            tracing::warn!(loss = 0.5, gap = f64::NAN, policy_version = 9, "gap is large");
        });
        let bytes = buffer.0.lock().unwrap().clone();
        let line: Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(line["run"], "demo");
        assert_eq!(line["rank"], 1);
        assert_eq!(line["step"], 3);
        assert_eq!(line["policy_version"], 9);
        assert_eq!(line["loss"], 0.5);
        assert_eq!(line["gap"], "NaN");
        assert_eq!(line["message"], "gap is large");
        assert_eq!(line["level"], "WARN");
    }

    #[test]
    fn a_compact_line_starts_with_run_and_instance() {
        let buffer = Buffer::default();
        let writer = buffer.clone();
        let layer = tracing_subscriber::fmt::layer()
            .with_ansi(false)
            .event_format(Compact::new(&identity()))
            .with_writer(move || writer.clone());
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
            tracing::info!(step = 3, "step done");
        });
        let text = String::from_utf8(buffer.0.lock().unwrap().clone()).unwrap();
        assert!(text.starts_with("demo/learner-1 "), "{text}");
        assert!(text.contains("step done step=3"), "{text}");
    }
}
