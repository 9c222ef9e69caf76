//! The layers that carry the trace context over the wire, so that one group is one trace from lease to training.

use http::{HeaderMap, HeaderName, HeaderValue, Request};
use opentelemetry::{
    global,
    propagation::{Extractor, Injector},
};
use tonic::body::Body;
use tracing::{Instrument, Span, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt;

use crate::{Around, Calls, channel::ResponseFuture, layer::forward};

/// Writes the context of the caller's span into a request.
#[derive(Clone, Copy, Debug)]
pub struct Inject;

/// Serves a request in a span that continues the caller's trace.
#[derive(Clone, Copy, Debug)]
pub struct Extract;

// === impl Inject ===

impl<S: Calls> Around<S> for Inject {
    fn call(&self, inner: &mut S, mut request: Request<Body>) -> ResponseFuture {
        let context = Span::current().context();
        global::get_text_map_propagator(|propagator| {
            propagator.inject_context(&context, &mut Headers(request.headers_mut()));
        });
        forward(inner, request)
    }
}

// === impl Extract ===

impl<S: Calls> Around<S> for Extract {
    fn call(&self, inner: &mut S, mut request: Request<Body>) -> ResponseFuture {
        let headers = Headers(request.headers_mut());
        let context = global::get_text_map_propagator(|propagator| propagator.extract(&headers));
        let span = info_span!("call", method = request.uri().path());
        // A span that no layer exports takes no parent, and needs none.
        let _ = span.set_parent(context);
        let response = span.in_scope(|| forward(inner, request));
        Box::pin(response.instrument(span))
    }
}

/// The headers of a request as a carrier of the trace context.
struct Headers<'a>(&'a mut HeaderMap);

impl Injector for Headers<'_> {
    fn set(&mut self, key: &str, value: String) {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(key), HeaderValue::try_from(value)) {
            self.0.insert(name, value);
        }
    }
}

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(HeaderName::as_str).collect()
    }
}

#[cfg(test)]
mod tests {
    use http::Response;
    use opentelemetry::trace::{TraceContextExt, TracerProvider};
    use opentelemetry_sdk::{propagation::TraceContextPropagator, trace::SdkTracerProvider};
    use tower::{BoxError, ServiceExt, service_fn};
    use tracing::Instrument;
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;
    use crate::Layered;

    #[tokio::test]
    async fn the_server_continues_the_trace_of_its_caller() {
        global::set_text_map_propagator(TraceContextPropagator::new());
        let provider = SdkTracerProvider::builder().build();
        let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
        let _subscriber = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));

        let server = service_fn(|request: Request<Body>| async move {
            assert!(request.headers().contains_key("traceparent"));
            let trace = Span::current().context().span().span_context().trace_id().to_string();
            Ok::<_, BoxError>(Response::builder().header("seen", trace).body(Body::empty())?)
        });
        let client = Layered::new(Inject, Layered::new(Extract, server));
        let caller = info_span!("caller");
        let expected = caller.context().span().span_context().trace_id().to_string();
        let response = client.oneshot(Request::default()).instrument(caller).await.unwrap();
        assert_eq!(response.headers()["seen"], expected);
    }
}
