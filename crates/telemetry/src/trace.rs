//! Traces over OTLP, and the propagation of their context.

use opentelemetry::{KeyValue, global, trace::TracerProvider as _};
use opentelemetry_otlp::{SpanExporter, WithExportConfig};
use opentelemetry_sdk::{
    Resource,
    propagation::TraceContextPropagator,
    trace::{SdkTracerProvider, Tracer},
};
use tracing::Subscriber;
use tracing_opentelemetry::OpenTelemetryLayer;
use tracing_subscriber::registry::LookupSpan;

use crate::{Error, Identity};

/// Makes the provider that sends spans in batches, and sets the W3C trace context as what travels with calls.
pub fn provider(endpoint: &str, identity: &Identity) -> Result<SdkTracerProvider, Error> {
    tokio::runtime::Handle::try_current().map_err(|_| Error::NoRuntime)?;
    let exporter = SpanExporter::builder()
        .with_tonic()
        .with_endpoint(endpoint)
        .build()
        .map_err(|source| Error::Traces { endpoint: endpoint.to_owned(), source })?;
    global::set_text_map_propagator(TraceContextPropagator::new());
    Ok(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource(identity)).build())
}

/// Makes the layer that turns tracing's spans into those of the provider.
pub fn layer<S: Subscriber + for<'a> LookupSpan<'a>>(provider: &SdkTracerProvider) -> OpenTelemetryLayer<S, Tracer> {
    tracing_opentelemetry::layer().with_tracer(provider.tracer("gradus"))
}

fn resource(identity: &Identity) -> Resource {
    let mut attributes = vec![
        KeyValue::new("service.namespace", "gradus"),
        KeyValue::new("service.instance.id", identity.instance.clone()),
        KeyValue::new("run_id", identity.run.clone()),
    ];
    attributes.extend(identity.rank.map(|rank| KeyValue::new("rank", i64::from(rank))));
    Resource::builder().with_service_name(format!("gradus-{}", identity.service)).with_attributes(attributes).build()
}
