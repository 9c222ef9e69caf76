//! The layer that counts and times the calls of a server.

use std::sync::Arc;

use gradus_telemetry::Metrics;
use http::Request;
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
};
use tokio::time::Instant;
use tonic::{Status, body::Body};

use crate::{Around, Calls, Code, channel::ResponseFuture, layer::forward};

/// What is measured of a server's calls.
#[derive(Clone, Debug)]
pub struct CallMetrics {
    calls: Family<Outcome, Counter>,
    durations: Family<Method, Histogram>,
    in_progress: Gauge,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Method {
    method: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    method: String,
    code: &'static str,
}

/// Counts calls by method and code, times them, and says how many are in progress. Of a streamed answer it sees the
/// beginning.
#[derive(Clone, Debug)]
pub struct Measure {
    metrics: CallMetrics,
    services: Arc<[&'static str]>,
}

// === impl CallMetrics ===

impl CallMetrics {
    /// Registers the metrics of a server.
    #[must_use]
    pub fn new(metrics: &Metrics) -> Self {
        // 0.5 ms to 33 s: from a heartbeat to a long poll.
        let histogram: fn() -> Histogram = || Histogram::new(exponential_buckets(0.0005, 4.0, 9));
        let durations = Family::new_with_constructor(histogram);
        Self {
            calls: metrics.register("rpc_calls", "gRPC calls by method and code", Family::default()),
            durations: metrics.register(
                "rpc_call_duration_seconds",
                "Time to answer a gRPC call, by method",
                durations,
            ),
            in_progress: metrics.register("rpc_calls_in_progress", "gRPC calls in progress", Gauge::default()),
        }
    }

    fn record(&self, method: String, code: Option<Code>, started: Instant) {
        // A method that nobody implements is the caller's invention and must not become a label.
        let method = if code == Some(Code::Unimplemented) { "unknown".to_owned() } else { method };
        self.durations.get_or_create(&Method { method: method.clone() }).observe(started.elapsed().as_secs_f64());
        self.calls.get_or_create(&Outcome { method, code: code.map_or("ok", Code::name) }).inc();
    }
}

// === impl Measure ===

impl Measure {
    /// Makes the layer of a server of the named gRPC services. Calls to others are counted under the method `unknown`.
    #[must_use]
    pub const fn new(metrics: CallMetrics, services: Arc<[&'static str]>) -> Self {
        Self { metrics, services }
    }

    fn method(&self, path: &str) -> String {
        let known = path.strip_prefix('/').and_then(|path| path.split_once('/'));
        match known {
            Some((service, method)) if self.services.contains(&service) => method.to_owned(),
            _ => "unknown".to_owned(),
        }
    }
}

impl<S: Calls> Around<S> for Measure {
    fn call(&self, inner: &mut S, request: Request<Body>) -> ResponseFuture {
        let method = self.method(request.uri().path());
        let metrics = self.metrics.clone();
        let started = Instant::now();
        let in_progress = InProgress::enter(&metrics.in_progress);
        let response = forward(inner, request);
        Box::pin(async move {
            let result = response.await;
            drop(in_progress);
            let code = match &result {
                Ok(response) => {
                    Status::from_header_map(response.headers()).and_then(|status| Code::of_grpc(status.code()))
                }
                Err(_) => Some(Code::Internal),
            };
            metrics.record(method, code, started);
            result
        })
    }
}

/// Counts a call as in progress until it is dropped, also when its caller goes away.
struct InProgress(Gauge);

impl InProgress {
    fn enter(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for InProgress {
    fn drop(&mut self) {
        self.0.dec();
    }
}

#[cfg(test)]
mod tests {
    use http::Response;
    use tower::{BoxError, ServiceExt, service_fn};

    use super::*;
    use crate::Layered;

    #[tokio::test]
    async fn calls_are_counted_by_method_and_code() {
        let metrics = Metrics::new("test");
        let service = service_fn(|request: Request<Body>| async move {
            Ok::<_, BoxError>(match request.uri().path() {
                "/gradus.v1.Weights/FetchWeights" => Status::not_found("version").into_http(),
                "/gradus.v1.Weights/Invented" => Status::unimplemented("method").into_http(),
                _ => Response::new(Body::empty()),
            })
        });
        let measured = Measure::new(CallMetrics::new(&metrics), Arc::from(["gradus.v1.Weights"]));
        let measured = Layered::new(measured, service);
        for path in [
            "/gradus.v1.Weights/FetchWeights",
            "/gradus.v1.Weights/Invented",
            "/elsewhere/Other",
            "/gradus.v1.Weights/Ok",
        ] {
            let request = Request::builder().uri(path).body(Body::empty()).unwrap();
            measured.clone().oneshot(request).await.unwrap();
        }
        let page = metrics.encode();
        for line in [
            "test_rpc_calls_total{method=\"FetchWeights\",code=\"not_found\"} 1",
            "test_rpc_calls_total{method=\"unknown\",code=\"unimplemented\"} 1",
            "test_rpc_calls_total{method=\"unknown\",code=\"ok\"} 1",
            "test_rpc_calls_total{method=\"Ok\",code=\"ok\"} 1",
            "test_rpc_call_duration_seconds_count{method=\"Ok\"} 1",
            "test_rpc_calls_in_progress 0",
        ] {
            assert!(page.contains(line), "{line} is not in {page}");
        }
    }
}
