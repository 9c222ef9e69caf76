//! The layer that answers at once, instead of queueing, when a service has too much to do.

use std::{
    sync::Arc,
    task::{Context, Poll},
};

use http::{Request, Response};
use tokio::sync::Semaphore;
use tonic::{Status, body::Body};
use tower::{BoxError, Service};

use crate::channel::ResponseFuture;

/// Admits a bounded number of calls at a time and answers `RESOURCE_EXHAUSTED` to others. Health checks are always admitted.
#[derive(Clone, Debug)]
pub struct LoadShed<S> {
    inner: S,
    max_calls: usize,
    places: Arc<Semaphore>,
}

impl<S> LoadShed<S> {
    /// Wraps a service; clones share the bound.
    pub fn new(inner: S, max_calls: usize) -> Self {
        Self { inner, max_calls, places: Arc::new(Semaphore::new(max_calls.min(Semaphore::MAX_PERMITS))) }
    }
}

impl<S> Service<Request<Body>> for LoadShed<S>
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

    fn call(&mut self, request: Request<Body>) -> ResponseFuture {
        if request.uri().path().starts_with("/grpc.health.v1.") {
            let response = self.inner.call(request);
            return Box::pin(async move { response.await.map_err(Into::into) });
        }
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            let text = format!("the service is overloaded: {} calls are in progress", self.max_calls);
            return Box::pin(async { Ok(Status::resource_exhausted(text).into_http()) });
        };
        let response = self.inner.call(request);
        Box::pin(async move {
            let _place = place;
            response.await.map_err(Into::into)
        })
    }
}

#[cfg(test)]
mod tests {
    use tower::{ServiceExt, service_fn};

    use super::*;
    use crate::channel::tests::code_of;

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
        let service = LoadShed::new(slow, 1);
        let mut first = Box::pin(service.clone().oneshot(Request::default()));
        assert!(std::future::poll_fn(|context| Poll::Ready(first.as_mut().poll(context).is_pending())).await);
        let refused = service.clone().oneshot(Request::default()).await.unwrap();
        assert_eq!(code_of(&refused), tonic::Code::ResourceExhausted);
        gate.add_permits(2);
        assert_eq!(code_of(&first.await.unwrap()), tonic::Code::Ok);
        assert_eq!(code_of(&service.oneshot(Request::default()).await.unwrap()), tonic::Code::Ok);
    }

    #[tokio::test]
    async fn a_health_check_is_admitted_by_a_full_service() {
        let healthy = service_fn(|_: Request<Body>| async { Ok::<_, BoxError>(Response::new(Body::empty())) });
        let request = Request::builder().uri("/grpc.health.v1.Health/Check").body(Body::empty()).unwrap();
        let response = LoadShed::new(healthy, 0).oneshot(request).await.unwrap();
        assert_eq!(code_of(&response), tonic::Code::Ok);
    }
}
