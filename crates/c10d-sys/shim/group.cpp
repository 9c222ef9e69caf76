// ProcessGroupGloo behind the C ABI.
#include "group.hpp"

#include <gloo/context.h>

#include "status.hpp"
#include "store.hpp"

using std::chrono::milliseconds;

// The distribution's gloo headers leave out what `tcp/pair.h` includes, and are older than the gloo inside libtorch. This declares
// the one exported function that is needed and nothing that depends on the layout of the class; if it goes, the link fails.
namespace gloo::transport::tcp {
class Pair {
 public:
  std::exception_ptr signalExceptionExternal(const std::string &message);
};
}  // namespace gloo::transport::tcp

struct gradus_work {
  gradus::Operation operation;
};

namespace gradus {

// Fails every operation that waits on a peer, which `Context::closeConnections` would leave waiting, and closes the connections.
// A device for a hostname or an interface makes TCP pairs, whose base `transport::Pair` is their beginning.
void GlooBackend::close_connections() {
  for (auto &context : contexts_) {
    for (int peer = 0; peer < getSize(); ++peer) {
      auto *pair = reinterpret_cast<gloo::transport::tcp::Pair *>(context->getPair(peer).get());
      if (pair != nullptr) pair->signalExceptionExternal("the group was aborted");
    }
  }
}

void Operation::wait_until(Clock::time_point deadline) const {
  std::unique_lock<std::mutex> lock(signal->mutex);
  const bool woken = signal->changed.wait_until(lock, deadline, [&] { return completion->done || signal->aborted; });
  if (woken && !signal->aborted && !completion->error) return;
  signal->failed = true;
  if (!woken) throw Failure(GRADUS_TIMEOUT, "not every rank took part before the deadline");
  if (signal->aborted) throw Failure(GRADUS_ABORTED, "the group was aborted");
  std::rethrow_exception(completion->error);
}

namespace {

// Serialises launches in this process. ProcessGroupGloo numbers a group's collectives without a lock, and c10d's flight recorder,
// which all groups share, files a group's first collective without one.
std::mutex launch_mutex;

// Gloo works on `numel` elements from the data pointer, whatever the strides say.
void require_contiguous(const at::Tensor &tensor) {
  TORCH_CHECK(tensor.defined() && tensor.layout() == at::kStrided && tensor.is_cpu() && tensor.is_contiguous(),
              "the tensor is not dense, contiguous and on the CPU");
}

}  // namespace

Group::~Group() {
  // The connections may be in any state here, and a destructor has nobody to tell.
  try {
    if (signal_->failed) abort();
  } catch (...) {
  }
}

Operation Group::all_reduce(at::Tensor tensor, c10d::ReduceOp::RedOpType reduction) {
  require_contiguous(tensor);
  std::vector<at::Tensor> tensors{std::move(tensor)};
  return launch([&](GlooBackend &backend) {
    c10d::AllreduceOptions options;
    options.reduceOp = reduction;
    return backend.allreduce(tensors, options);
  });
}

Operation Group::broadcast(at::Tensor tensor, int root_rank) {
  require_contiguous(tensor);
  std::vector<at::Tensor> tensors{std::move(tensor)};
  return launch([&](GlooBackend &backend) {
    c10d::BroadcastOptions options;
    options.rootRank = root_rank;
    return backend.broadcast(tensors, options);
  });
}

Operation Group::barrier() {
  return launch([](GlooBackend &backend) { return backend.barrier(); });
}

void Group::abort() {
  {
    std::lock_guard<std::mutex> lock(signal_->mutex);
    if (signal_->aborted) return;
    signal_->aborted = true;
  }
  signal_->changed.notify_all();
  backend_->close_connections();
}

Operation Group::launch(const Launch &launch) {
  std::lock_guard<std::mutex> launching(launch_mutex);
  {
    std::lock_guard<std::mutex> lock(signal_->mutex);
    if (signal_->aborted) throw Failure(GRADUS_ABORTED, "the group was aborted");
  }
  Operation operation{signal_, launch(*backend_), std::make_shared<Completion>()};
  auto on_completion = [signal = signal_, completion = operation.completion](c10::ivalue::Future &future) {
    {
      std::lock_guard<std::mutex> lock(signal->mutex);
      completion->done = true;
      if (future.hasError()) completion->error = future.exception_ptr();
    }
    signal->changed.notify_all();
  };
  operation.work->getFuture()->addCallback(std::move(on_completion));
  return operation;
}

}  // namespace gradus

namespace {

c10::intrusive_ptr<gradus::GlooBackend> join(gradus_store *store, const gradus_group_config &config) {
  auto options = c10d::ProcessGroupGloo::Options::create(milliseconds(config.timeout_ms));
  options->devices.push_back(config.hostname != nullptr
                                 ? c10d::ProcessGroupGloo::createDeviceForHostname(config.hostname)
                                 : c10d::ProcessGroupGloo::createDeviceForInterface(config.interface));
  return c10::make_intrusive<gradus::GlooBackend>(store->store, config.rank, config.world_size, options);
}

}  // namespace

gradus_status gradus_group_join(gradus_store *store, const gradus_group_config *config, gradus_group **out,
                                char **message) {
  return gradus::guarded(
      message, [&] { *out = new gradus_group{std::make_shared<gradus::Group>(join(store, *config))}; });
}

gradus_status gradus_group_all_reduce_sum(gradus_group *group, void *tensor, gradus_work **out, char **message) {
  return gradus::guarded(message, [&] {
    const auto &value = *static_cast<at::Tensor *>(tensor);
    *out = new gradus_work{group->group->all_reduce(value, c10d::ReduceOp::SUM)};
  });
}

gradus_status gradus_group_broadcast(gradus_group *group, void *tensor, int32_t root_rank, gradus_work **out,
                                     char **message) {
  return gradus::guarded(message, [&] {
    const auto &value = *static_cast<at::Tensor *>(tensor);
    *out = new gradus_work{group->group->broadcast(value, root_rank)};
  });
}

gradus_status gradus_group_barrier(gradus_group *group, gradus_work **out, char **message) {
  return gradus::guarded(message, [&] { *out = new gradus_work{group->group->barrier()}; });
}

gradus_status gradus_group_abort(gradus_group *group, char **message) {
  return gradus::guarded(message, [&] { group->group->abort(); });
}

gradus_status gradus_group_share(gradus_group *group, gradus_group **out, char **message) {
  return gradus::guarded(message, [&] { *out = new gradus_group{group->group}; });
}

void gradus_group_free(gradus_group *group) { delete group; }

gradus_status gradus_work_wait(gradus_work *work, int64_t timeout_ms, char **message) {
  return gradus::guarded(message,
                         [&] { work->operation.wait_until(gradus::Clock::now() + milliseconds(timeout_ms)); });
}

void gradus_work_free(gradus_work *work) { delete work; }
