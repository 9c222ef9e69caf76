//! One trace a group: the spans of every process that has to do with a group are in the same trace.
//!
//! The trace context of a caller rides on the metadata of its calls. A group outlives calls: it is lent in an answer, stored,
//! perhaps for a restart, and trained on by ranks that ask for many groups at once. So the trace of a group is named after the
//! run and the group, and whoever holds a group's id can join it.

use std::sync::Arc;

use gradus_types::GroupId;
use opentelemetry::{
    Context, SpanId, TraceFlags, TraceId,
    trace::{SpanContext, TraceContextExt, TraceState},
};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// The traces of a run's groups. Cheap to clone.
#[derive(Clone, Debug)]
pub struct GroupTraces {
    run: Arc<str>,
}

// === impl GroupTraces ===

impl GroupTraces {
    /// Names the traces of a run.
    #[must_use]
    pub fn of(run: &gradus_config::Run) -> Self {
        Self { run: format!("{}/{}", run.name, run.seed).into() }
    }

    /// Puts a new span into the trace of a group.
    #[must_use]
    pub fn join(&self, span: Span, group_id: GroupId) -> Span {
        // A span that no layer exports takes no parent, and needs none.
        let _ = span.set_parent(self.context(group_id));
        span
    }

    fn context(&self, group_id: GroupId) -> Context {
        let hash = blake3::hash(format!("{}/{group_id}", self.run).as_bytes());
        let (trace, rest) = hash.as_bytes().split_first_chunk().expect("a hash has 32 bytes");
        let (span, _) = rest.split_first_chunk().expect("a hash has 32 bytes");
        let (trace, span) = (TraceId::from_bytes(*trace), SpanId::from_bytes(*span));
        let is_remote = true;
        let group = SpanContext::new(trace, span, TraceFlags::SAMPLED, is_remote, TraceState::default());
        Context::new().with_remote_span_context(group)
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use gradus_types::StageIndex;
    use opentelemetry::trace::TracerProvider;
    use opentelemetry_sdk::trace::SdkTracerProvider;
    use tracing::info_span;
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    #[test]
    fn spans_of_a_group_are_in_its_trace_whichever_process_makes_them() {
        let provider = SdkTracerProvider::builder().build();
        let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
        let _subscriber = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));
        let run = gradus_config::Run { name: "trial".into(), seed: 7, directory: PathBuf::new() };
        let trace = |span: &Span| span.context().span().span_context().trace_id();
        let join = |name: &str, draw| {
            let span = GroupTraces::of(&run).join(info_span!("work", name), GroupId::train(StageIndex(1), draw));
            trace(&span)
        };
        assert_eq!(join("lend", 3), join("train", 3));
        assert_ne!(join("lend", 3), join("lend", 4));
        assert_ne!(join("lend", 3), TraceId::INVALID);
    }
}
