//! Traces and logs of a whole process: a collector receives its spans, its log file its lines.

use std::sync::{Arc, Mutex};

use gradus_config::Telemetry;
use gradus_runtime::{Runtime, spawn};
use gradus_telemetry::{Identity, init};
use opentelemetry_proto::tonic::{
    collector::trace::v1::{
        ExportTraceServiceRequest, ExportTraceServiceResponse,
        trace_service_server::{TraceService, TraceServiceServer},
    },
    trace::v1::ResourceSpans,
};
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Request, Response, Status, transport::Server};

/// Keeps what it is sent.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<ResourceSpans>>>);

#[tonic::async_trait]
impl TraceService for Collector {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let mut received = self.0.lock().map_err(|_| Status::internal("poisoned"))?;
        received.extend(request.into_inner().resource_spans);
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

#[test]
fn what_a_process_did_is_in_its_log_and_at_the_collector_when_it_ends() {
    let run = tempfile::tempdir().unwrap();
    let collector = Collector::default();
    let runtime = Runtime::new("test", 2).unwrap();
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let server = Server::builder().add_service(TraceServiceServer::new(collector.clone()));
    let _serving = runtime.within(|| spawn("collector", server.serve_with_incoming(TcpListenerStream::new(listener))));

    let config = Telemetry { otlp_endpoint: Some(endpoint), ..Telemetry::default() };
    let identity = Identity { run: "trial".into(), service: "actor", instance: "actor-3".into(), rank: None };
    let guard = runtime.within(|| init(&config, run.path(), identity)).unwrap();
    tracing::info_span!("sample_group", group_id = 7).in_scope(|| tracing::info!("sampled"));
    let log = std::fs::read_to_string(guard.log_file()).unwrap();
    drop(guard);

    let line = log.lines().find(|line| line.contains("sampled")).unwrap();
    assert!(line.contains("\"group_id\":7") && line.contains("\"instance\":\"actor-3\""), "{line}");
    let received = collector.0.lock().unwrap();
    let spans = received.iter().flat_map(|resource| &resource.scope_spans).flat_map(|scope| &scope.spans);
    assert!(spans.into_iter().any(|span| span.name == "sample_group"));
    let service =
        received[0].resource.as_ref().unwrap().attributes.iter().find(|pair| pair.key == "service.name").unwrap();
    assert!(format!("{service:?}").contains("gradus-actor"), "{service:?}");
}
