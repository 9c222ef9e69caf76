//! The layers that carry the trace context over the wire, so that one group is one trace from lease to training.

use std::task::{Context, Poll};

use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use opentelemetry::{
    global,
    propagation::{Extractor, Injector},
};
use tonic::body::Body;
use tower::{BoxError, Service};
use tracing::{Instrument, Span, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt;

use crate::channel::ResponseFuture;

/// Writes the context of the caller's span into a request.
#[derive(Clone, Debug)]
pub struct Inject<S> {
    inner: S,
}

/// Serves a request in a span that continues the caller's trace.
#[derive(Clone, Debug)]
pub struct Extract<S> {
    inner: S,
}

// === impl Inject ===

impl<S> Inject<S> {
    /// Wraps a client.
    pub const fn new(inner: S) -> Self {
        Self { inner }
    }
}

impl<S: Service<Request<Body>>> Service<Request<Body>> for Inject<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<Body>) -> S::Future {
        let context = Span::current().context();
        global::get_text_map_propagator(|propagator| {
            propagator.inject_context(&context, &mut Headers(request.headers_mut()));
        });
        self.inner.call(request)
    }
}

// === impl Extract ===

impl<S> Extract<S> {
    /// Wraps a server.
    pub const fn new(inner: S) -> Self {
        Self { inner }
    }
}

impl<S> Service<Request<Body>> for Extract<S>
where
    S: Service<Request<Body>, Response = Response<Body>>,
    S::Error: Into<BoxError>,
    S::Future: Send + 'static,
{
    type Response = Response<Body>;
    type Error = BoxError;
    type Future = ResponseFuture;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, mut request: Request<Body>) -> ResponseFuture {
        let headers = Headers(request.headers_mut());
        let context = global::get_text_map_propagator(|propagator| propagator.extract(&headers));
        let span = info_span!("call", method = request.uri().path());
        // A span that no layer exports takes no parent, and needs none.
        let _ = span.set_parent(context);
        let response = span.in_scope(|| self.inner.call(request));
        Box::pin(async move { response.await.map_err(Into::into) }.instrument(span))
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
    use opentelemetry::trace::{TraceContextExt, TracerProvider};
    use opentelemetry_sdk::{propagation::TraceContextPropagator, trace::SdkTracerProvider};
    use tower::{ServiceExt, service_fn};
    use tracing::Instrument;
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

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
        let client = Inject::new(Extract::new(server));
        let caller = info_span!("caller");
        let expected = caller.context().span().span_context().trace_id().to_string();
        let response = client.oneshot(Request::default()).instrument(caller).await.unwrap();
        assert_eq!(response.headers()["seen"], expected);
    }
}
