//! What the tower layers of this crate have in common, so that the file of a layer holds only what the layer does.

use std::task::{Context, Poll};

use http::{Request, Response};
use tonic::body::Body;
use tower::{BoxError, Service};

use crate::channel::ResponseFuture;

/// A service that answers gRPC calls.
pub trait Calls:
    Service<Request<Body>, Response = Response<Body>, Error: Into<BoxError>, Future: Send + 'static>
{
}

impl<S> Calls for S where
    S: Service<Request<Body>, Response = Response<Body>, Error: Into<BoxError>, Future: Send + 'static>
{
}

/// What a layer does with a call on its way to the service below, and with the answer on its way back.
pub trait Around<S> {
    /// Makes the call, or answers in its place. The service below is ready for one call.
    fn call(&self, inner: &mut S, request: Request<Body>) -> ResponseFuture;
}

/// A service with a layer around it.
#[derive(Clone, Debug)]
pub struct Layered<L, S> {
    layer: L,
    inner: S,
}

/// Makes a call of a service, whatever its kinds of future and error are.
pub(crate) fn forward<S: Calls>(inner: &mut S, request: Request<Body>) -> ResponseFuture {
    let response = inner.call(request);
    Box::pin(async move { response.await.map_err(Into::into) })
}

// === impl Layered ===

impl<L, S> Layered<L, S> {
    /// Puts a layer around a service.
    pub const fn new(layer: L, inner: S) -> Self {
        Self { layer, inner }
    }
}

impl<L: Around<S>, S: Calls> Service<Request<Body>> for Layered<L, S> {
    type Response = Response<Body>;
    type Error = BoxError;
    type Future = ResponseFuture;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, request: Request<Body>) -> ResponseFuture {
        self.layer.call(&mut self.inner, request)
    }
}
