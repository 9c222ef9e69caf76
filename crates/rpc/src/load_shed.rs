//! The layer that answers at once, instead of queueing, when a service has too much to do.

use std::sync::Arc;

use http::{Request, Response};
use http_body_util::BodyExt;
use tokio::sync::Semaphore;
use tonic::{Status, body::Body};

use crate::{Around, Calls, channel::ResponseFuture, layer::forward};

/// Admits a bounded number of calls at a time and answers `RESOURCE_EXHAUSTED` to others. A call has its place until its answer is sent, or
/// its stream has ended. Health checks are always admitted.
#[derive(Clone, Debug)]
pub struct LoadShed {
    max_calls: usize,
    places: Arc<Semaphore>,
}

// === impl LoadShed ===

impl LoadShed {
    /// Makes the layer; clones share the bound.
    #[must_use]
    pub fn new(max_calls: usize) -> Self {
        Self { max_calls, places: Arc::new(Semaphore::new(max_calls.min(Semaphore::MAX_PERMITS))) }
    }
}

impl<S: Calls> Around<S> for LoadShed {
    fn call(&self, inner: &mut S, request: Request<Body>) -> ResponseFuture {
        if request.uri().path().starts_with("/grpc.health.v1.") {
            return forward(inner, request);
        }
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            let text = format!("the service is overloaded: {} calls are in progress", self.max_calls);
            return Box::pin(async { Ok(Status::resource_exhausted(text).into_http()) });
        };
        let response = forward(inner, request);
        Box::pin(async move {
            let (parts, body) = response.await?.into_parts();
            // The place belongs to the body, which is dropped when it was sent or its receiver has gone away.
            let held = body.map_frame(move |frame| {
                let _place = &place;
                frame
            });
            Ok(Response::from_parts(parts, Body::new(held)))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::task::Poll;

    use http_body_util::Full;
    use tower::{BoxError, ServiceExt, service_fn};

    use super::*;
    use crate::{Layered, channel::tests::code_of};

    #[tokio::test]
    async fn a_call_over_the_bound_is_refused_until_another_ends() {
        let gate = Arc::new(Semaphore::new(0));
        let waiting = Arc::clone(&gate);
        let slow = service_fn(move |_: Request<Body>| {
            let gate = Arc::clone(&waiting);
            async move {
                gate.acquire().await?.forget();
                Ok::<_, BoxError>(Response::new(Body::empty()))
            }
        });
        let service = Layered::new(LoadShed::new(1), slow);
        let mut first = Box::pin(service.clone().oneshot(Request::default()));
        assert!(std::future::poll_fn(|context| Poll::Ready(first.as_mut().poll(context).is_pending())).await);
        let refused = service.clone().oneshot(Request::default()).await.unwrap();
        assert_eq!(code_of(&refused), tonic::Code::ResourceExhausted);
        gate.add_permits(2);
        assert_eq!(code_of(&first.await.unwrap()), tonic::Code::Ok);
        assert_eq!(code_of(&service.oneshot(Request::default()).await.unwrap()), tonic::Code::Ok);
    }

    #[tokio::test]
    async fn a_call_keeps_its_place_until_its_stream_has_ended() {
        let streaming = service_fn(|_: Request<Body>| async {
            Ok::<_, BoxError>(Response::new(Body::new(Full::from("an answer that is not sent yet"))))
        });
        let service = Layered::new(LoadShed::new(1), streaming);
        let first = service.clone().oneshot(Request::default()).await.unwrap();
        assert_eq!(code_of(&first), tonic::Code::Ok);
        let refused = service.clone().oneshot(Request::default()).await.unwrap();
        assert_eq!(code_of(&refused), tonic::Code::ResourceExhausted);
        drop(first);
        assert_eq!(code_of(&service.oneshot(Request::default()).await.unwrap()), tonic::Code::Ok);
    }

    #[tokio::test]
    async fn a_health_check_is_admitted_by_a_full_service() {
        let healthy = service_fn(|_: Request<Body>| async { Ok::<_, BoxError>(Response::new(Body::empty())) });
        let request = Request::builder().uri("/grpc.health.v1.Health/Check").body(Body::empty()).unwrap();
        let response = Layered::new(LoadShed::new(0), healthy).oneshot(request).await.unwrap();
        assert_eq!(code_of(&response), tonic::Code::Ok);
    }
}
