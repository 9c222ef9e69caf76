//! The layer that gives every call a deadline.

use std::time::Duration;

use http::{HeaderValue, Request};
use tonic::{Status, body::Body};

use crate::{Around, Calls, channel::ResponseFuture, layer::forward};

const HEADER: &str = "grpc-timeout";

/// Ends a call that has no answer within its deadline: the one its request states (`Request::set_timeout`), else a default.
/// The deadline travels with the call, and covers its retries; of a streamed answer it covers the time to its beginning.
#[derive(Clone, Copy, Debug)]
pub struct Deadline {
    default: Duration,
}

// === impl Deadline ===

impl Deadline {
    /// Makes the layer, with the deadline of calls that state none.
    #[must_use]
    pub const fn new(default: Duration) -> Self {
        Self { default }
    }
}

impl<S: Calls> Around<S> for Deadline {
    fn call(&self, inner: &mut S, mut request: Request<Body>) -> ResponseFuture {
        let stated = request.headers().get(HEADER).and_then(read);
        let timeout = stated.unwrap_or(self.default);
        if stated.is_none() {
            request.headers_mut().insert(HEADER, write(timeout));
        }
        let method = request.uri().path().to_owned();
        let response = forward(inner, request);
        Box::pin(async move {
            match tokio::time::timeout(timeout, response).await {
                Ok(result) => result,
                Err(_) => {
                    let text = format!("no answer to `{method}` within {timeout:?}");
                    Ok(Status::deadline_exceeded(text).into_http())
                }
            }
        })
    }
}

/// Reads a duration as gRPC writes it: up to eight digits and a unit.
fn read(value: &HeaderValue) -> Option<Duration> {
    let text = value.to_str().ok()?;
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let count: u64 = digits.parse().ok()?;
    Some(match unit {
        "H" => Duration::from_secs(count * 3_600),
        "M" => Duration::from_secs(count * 60),
        "S" => Duration::from_secs(count),
        "m" => Duration::from_millis(count),
        "u" => Duration::from_micros(count),
        "n" => Duration::from_nanos(count),
        _ => return None,
    })
}

/// Writes a duration in milliseconds, or in seconds where eight digits do not hold them.
fn write(timeout: Duration) -> HeaderValue {
    let millis = timeout.as_millis();
    let text =
        if millis < 100_000_000 { format!("{millis}m") } else { format!("{}S", timeout.as_secs().min(99_999_999)) };
    HeaderValue::try_from(text).expect("digits and a letter are a header value")
}

#[cfg(test)]
mod tests {
    use http::Response;
    use tower::{BoxError, ServiceExt, service_fn};

    use super::*;
    use crate::{Layered, channel::tests::code_of};

    #[tokio::test(start_paused = true)]
    async fn a_call_without_an_answer_ends_at_the_default_deadline() {
        let silent = service_fn(|_: Request<Body>| std::future::pending::<Result<Response<Body>, BoxError>>());
        let started = tokio::time::Instant::now();
        let response =
            Layered::new(Deadline::new(Duration::from_secs(3)), silent).oneshot(Request::default()).await.unwrap();
        assert_eq!(code_of(&response), tonic::Code::DeadlineExceeded);
        assert_eq!(started.elapsed(), Duration::from_secs(3));
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_may_state_its_own_deadline() {
        let silent = service_fn(|_: Request<Body>| std::future::pending::<Result<Response<Body>, BoxError>>());
        let mut request = Request::<Body>::default();
        request.headers_mut().insert(HEADER, HeaderValue::from_static("250m"));
        let started = tokio::time::Instant::now();
        Layered::new(Deadline::new(Duration::from_secs(3)), silent).oneshot(request).await.unwrap();
        assert_eq!(started.elapsed(), Duration::from_millis(250));
    }

    #[tokio::test]
    async fn the_default_travels_with_the_call() {
        let echo = service_fn(|request: Request<Body>| async move {
            assert_eq!(request.headers()[HEADER], "1500m");
            Ok::<_, BoxError>(Response::new(Body::empty()))
        });
        Layered::new(Deadline::new(Duration::from_millis(1_500)), echo).oneshot(Request::default()).await.unwrap();
    }

    #[test]
    fn durations_are_read_as_grpc_writes_them() {
        for (text, expected) in [
            ("5S", Some(Duration::from_secs(5))),
            ("2M", Some(Duration::from_secs(120))),
            ("7u", Some(Duration::from_micros(7))),
            ("", None),
            ("S", None),
            ("5x", None),
        ] {
            assert_eq!(read(&HeaderValue::from_static(text)), expected, "{text}");
        }
        assert_eq!(read(&write(Duration::from_secs(1 << 30))), Some(Duration::from_secs(99_999_999)));
    }
}
