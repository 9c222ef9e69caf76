// A Gloo process group whose waiters can be woken, and the collectives launched on it.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>

#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>

namespace gradus {

using Clock = std::chrono::steady_clock;

// ProcessGroupGloo, with its connections within reach so that an abort can close them.
class GlooBackend : public c10d::ProcessGroupGloo {
 public:
  using c10d::ProcessGroupGloo::ProcessGroupGloo;
  void close_connections();
};

// What waiters of one group sleep on. Gloo's threads hold it rather than the group: whoever drops the group last joins them.
struct Signal {
  std::mutex mutex;
  std::condition_variable changed;
  bool aborted = false;
  // A wait failed: collectives may be stuck in Gloo's threads until their timeout.
  bool failed = false;
};

// Set once by the Gloo thread that ran the collective; guarded by the mutex of its group's signal.
struct Completion {
  bool done = false;
  std::exception_ptr error;
};

// A launched collective. c10d's work object holds the tensors until the collective has run, whether or not anyone waits.
struct Operation {
  std::shared_ptr<Signal> signal;
  c10::intrusive_ptr<c10d::Work> work;
  std::shared_ptr<Completion> completion;

  // Throws Failure(GRADUS_TIMEOUT) at the deadline, Failure(GRADUS_ABORTED) after an abort, or what the collective threw.
  void wait_until(Clock::time_point deadline) const;
};

// Every handle to a group shares one of these. Collectives must be launched in the same order on every rank.
class Group {
 public:
  explicit Group(c10::intrusive_ptr<GlooBackend> backend) : backend_(std::move(backend)) {}
  // Joins Gloo's threads; after a failure it aborts first, so as not to wait for what cannot complete.
  ~Group();

  int rank() const { return backend_->getRank(); }
  int size() const { return backend_->getSize(); }

  Operation all_reduce(at::Tensor tensor, c10d::ReduceOp::RedOpType reduction);
  Operation broadcast(at::Tensor tensor, int root_rank);
  Operation barrier();
  void abort();

 private:
  using Launch = std::function<c10::intrusive_ptr<c10d::Work>(GlooBackend &)>;

  Operation launch(const Launch &launch);

  const std::shared_ptr<Signal> signal_ = std::make_shared<Signal>();
  const c10::intrusive_ptr<GlooBackend> backend_;
};

}  // namespace gradus

struct gradus_group {
  std::shared_ptr<gradus::Group> group;
};
