//! The layer that repeats idempotent calls.

use http::{Extensions, Request, Response};
use http_body_util::{BodyExt, Full};
use tonic::{Status, body::Body};
use tower::{BoxError, ServiceExt};
use tracing::debug;

use crate::{
    Around, CallError, Calls, Code, Recovery, RetryPolicy, channel::ResponseFuture, layer::forward, recovery::Jitter,
};

/// Marks a call that may be made twice without harm. The [`Retry`] layer repeats no other.
#[derive(Clone, Copy, Debug)]
pub struct Idempotent;

/// Makes a request that may be repeated.
pub fn idempotent<T>(message: T) -> tonic::Request<T> {
    let mut request = tonic::Request::new(message);
    request.extensions_mut().insert(Idempotent);
    request
}

/// Repeats idempotent calls of one message as its policy says. A call is repeated when nobody answered, or when the answer is
/// an error that may pass; not once the answer has begun.
#[derive(Clone, Debug)]
pub struct Retry {
    policy: RetryPolicy,
}

// === impl Retry ===

impl Retry {
    /// Makes the layer.
    #[must_use]
    pub const fn new(policy: RetryPolicy) -> Self {
        Self { policy }
    }
}

impl<S: Calls + Clone + Send + 'static> Around<S> for Retry {
    fn call(&self, inner: &mut S, request: Request<Body>) -> ResponseFuture {
        if is_idempotent(request.extensions()) {
            // Each attempt readies a clone of its own.
            let calls = Attempts { service: inner.clone(), policy: self.policy.clone() };
            Box::pin(calls.make(request))
        } else {
            forward(inner, request)
        }
    }
}

fn is_idempotent(extensions: &Extensions) -> bool {
    extensions.get::<Idempotent>().is_some()
}

/// The attempts of one call.
struct Attempts<S> {
    service: S,
    policy: RetryPolicy,
}

impl<S: Calls + Clone + Send> Attempts<S> {
    async fn make(self, request: Request<Body>) -> Result<Response<Body>, BoxError> {
        let (head, body) = request.into_parts();
        let body = body.collect().await?.to_bytes();
        let jitter = Jitter::new();
        let mut attempt = 1;
        loop {
            let request = Request::from_parts(head.clone(), Body::new(Full::new(body.clone())));
            let result = self.service.clone().oneshot(request).await.map_err(Into::into);
            let Some(code) = failure(&result) else { return result };
            match self.policy.decide(code, attempt, jitter.draw(attempt)) {
                Recovery::RetryAfter(delay) => {
                    debug!(method = head.uri.path(), attempt, code = code.name(), ?delay, "call failed, will retry");
                    tokio::time::sleep(delay).await;
                }
                Recovery::GiveUp => return result,
            }
            attempt += 1;
        }
    }
}

/// Says how a call failed, if it did.
fn failure(result: &Result<Response<Body>, BoxError>) -> Option<Code> {
    match result {
        Ok(response) => {
            let status = Status::from_header_map(response.headers())?;
            Code::of_grpc(status.code()).map(|_| CallError::from(status).code)
        }
        // Nobody answered: the connection could not be made, or broke.
        Err(_) => Some(Code::Unavailable),
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{
            Arc,
            atomic::{AtomicU32, Ordering},
        },
        time::Duration,
    };

    use tower::{Service, service_fn};

    use super::*;
    use crate::{Layered, channel::tests::code_of};

    /// Answers with the statuses in order, then with success; counts its calls and checks that each has the whole body.
    fn scripted(
        statuses: &'static [tonic::Code],
    ) -> (impl Service<Request<Body>, Response = Response<Body>, Error = BoxError, Future: Send> + Clone, Arc<AtomicU32>)
    {
        let calls = Arc::new(AtomicU32::new(0));
        let counter = Arc::clone(&calls);
        let service = service_fn(move |request: Request<Body>| {
            let index = counter.fetch_add(1, Ordering::Relaxed) as usize;
            async move {
                assert_eq!(request.into_body().collect().await?.to_bytes(), "message");
                match statuses.get(index) {
                    Some(tonic::Code::Unknown) => Err("connection reset".into()),
                    Some(&code) => Ok(Status::new(code, "scripted").into_http()),
                    None => Ok(Response::new(Body::empty())),
                }
            }
        });
        (service, calls)
    }

    fn request(is_idempotent: bool) -> Request<Body> {
        let mut request = Request::new(Body::new(Full::from("message")));
        if is_idempotent {
            request.extensions_mut().insert(Idempotent);
        }
        request
    }

    #[tokio::test(start_paused = true)]
    async fn an_idempotent_call_is_repeated_until_it_succeeds() {
        let (service, calls) =
            scripted(&[tonic::Code::Unavailable, tonic::Code::Unknown, tonic::Code::ResourceExhausted]);
        let response = Layered::new(Retry::new(RetryPolicy::default()), service).oneshot(request(true)).await.unwrap();
        assert_eq!(code_of(&response), tonic::Code::Ok);
        assert_eq!(calls.load(Ordering::Relaxed), 4);
    }

    #[tokio::test(start_paused = true)]
    async fn the_last_failure_is_reported_when_the_policy_gives_up() {
        let (service, calls) = scripted(&[tonic::Code::Unavailable; 9]);
        let policy = RetryPolicy { first_delay: Duration::from_secs(1), max_attempts: 3, ..Default::default() };
        let response = Layered::new(Retry::new(policy), service).oneshot(request(true)).await.unwrap();
        assert_eq!(code_of(&response), tonic::Code::Unavailable);
        assert_eq!(calls.load(Ordering::Relaxed), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_may_have_been_done_is_not_repeated() {
        let (service, calls) = scripted(&[tonic::Code::Unavailable]);
        let response = Layered::new(Retry::new(RetryPolicy::default()), service).oneshot(request(false)).await.unwrap();
        assert_eq!(code_of(&response), tonic::Code::Unavailable);
        assert_eq!(calls.load(Ordering::Relaxed), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn an_error_that_stays_is_not_repeated() {
        let (service, calls) = scripted(&[tonic::Code::InvalidArgument]);
        Layered::new(Retry::new(RetryPolicy::default()), service).oneshot(request(true)).await.unwrap();
        assert_eq!(calls.load(Ordering::Relaxed), 1);
    }
}
