// The bucketed gradient reducer: all-reduces gradients while backward still runs.
//
// c10d has a Reducer of its own, which is exported but does not fit: it averages, it waits inside backward under the group's
// timeout, it needs the outputs of the forward pass to find unused parameters, and it rebuilds its buckets after the first step,
// which changes the order of summation and with it the bits of a resumed run. The scheme here is the same with a fixed layout.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include <torch/csrc/autograd/function.h>

#include "group.hpp"
#include "gradus_c10d.h"

namespace gradus {

// A run of parameters, in reverse parameter order, whose gradients travel as one flat tensor.
struct Bucket {
  std::vector<size_t> parameters;
  std::vector<int64_t> offsets;
  int64_t num_elements = 0;
  size_t num_pending = 0;
  at::Tensor flat;
  std::optional<Operation> operation;
};

class Reducer : public std::enable_shared_from_this<Reducer> {
 public:
  Reducer(std::shared_ptr<Group> group, std::vector<at::Tensor> parameters, uint64_t bucket_capacity_bytes);
  ~Reducer();
  Reducer(const Reducer &) = delete;
  Reducer &operator=(const Reducer &) = delete;

  // Throws unless every rank cut the same parameters into the same buckets. A collective of its own.
  void verify_layout(Clock::time_point deadline);
  // Installs the hooks; separate from the constructor because they hold a weak pointer to this.
  void install_hooks();

  void arm();
  gradus_reduction finish(Clock::time_point deadline);
  void disarm();

 private:
  void assign_buckets(uint64_t capacity_bytes);
  void on_gradient(size_t parameter) noexcept;
  void mark_ready(size_t parameter);
  void launch_next_bucket();
  at::Tensor slice(const Bucket &bucket, size_t position) const;
  at::Tensor count_gradients() const;
  void store_sums(const at::Tensor &counts);

  const std::shared_ptr<Group> group_;
  const std::vector<at::Tensor> parameters_;
  std::vector<Bucket> buckets_;
  std::vector<size_t> bucket_of_;
  uint64_t layout_digest_ = 0;

  // The accumulators are held because a parameter knows its own only weakly: the hook would go with it.
  std::vector<std::pair<std::shared_ptr<torch::autograd::Node>, uintptr_t>> hooks_;

  std::mutex mutex_;
  bool armed_ = false;
  size_t next_bucket_ = 0;
  std::vector<bool> ready_;
  // The first failure. What the peers hold is unknown after it, so it stays.
  std::exception_ptr failure_;
};

}  // namespace gradus
