//! A process whose collector does not answer.

use gradus_config::Telemetry;
use gradus_runtime::Runtime;
use gradus_telemetry::{Identity, init};

#[test]
fn a_process_whose_collector_is_away_works_and_ends() {
    let run = tempfile::tempdir().unwrap();
    let runtime = Runtime::new("test", 1).unwrap();
    let config = Telemetry { otlp_endpoint: Some("http://127.0.0.1:9".to_owned()), ..Telemetry::default() };
    let identity = Identity { run: "trial".into(), service: "actor", instance: "actor-0".into(), rank: None };
    let guard = runtime.within(|| init(&config, run.path(), identity)).unwrap();
    tracing::info_span!("sample_group").in_scope(|| tracing::info!("sampled"));
    let log = guard.log_file().to_owned();
    drop(guard);
    assert!(std::fs::read_to_string(log).unwrap().contains("sampled"));
}
