// Buckets, hooks and the two ends of a reduction.
#include "reducer.hpp"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/utils/lambda_post_hook.h>
#include <torch/csrc/autograd/variable.h>

#include "status.hpp"

using std::chrono::milliseconds;
using torch::autograd::variable_list;

struct gradus_reducer {
  std::shared_ptr<gradus::Reducer> reducer;
};

namespace gradus {

namespace {

// One round of FNV-1a over the bytes of `value`.
uint64_t mix(uint64_t digest, uint64_t value) {
  for (int i = 0; i < 8; ++i) {
    digest = (digest ^ ((value >> (8 * i)) & 0xff)) * 0x100000001b3ULL;
  }
  return digest;
}

void require_leaf(const at::Tensor &parameter, size_t index) {
  TORCH_CHECK(parameter.is_leaf() && parameter.requires_grad(), "parameter ", index,
              " is not a leaf that requires a gradient");
}

}  // namespace

Reducer::Reducer(std::shared_ptr<Group> group, std::vector<at::Tensor> parameters, uint64_t bucket_capacity_bytes)
    : group_(std::move(group)), parameters_(std::move(parameters)), bucket_of_(parameters_.size()) {
  for (size_t i = 0; i < parameters_.size(); ++i) require_leaf(parameters_[i], i);
  assign_buckets(bucket_capacity_bytes);
}

Reducer::~Reducer() {
  for (auto &[accumulator, key] : hooks_) accumulator->del_post_hook(key);
}

// Backward produces gradients roughly from the last parameter to the first, so buckets fill in that order.
void Reducer::assign_buckets(uint64_t capacity_bytes) {
  uint64_t digest = mix(0xcbf29ce484222325ULL, parameters_.size());
  uint64_t used_bytes = 0;
  for (size_t i = parameters_.size(); i-- > 0;) {
    const at::Tensor &parameter = parameters_[i];
    const bool fits = !buckets_.empty() && used_bytes + parameter.nbytes() <= capacity_bytes;
    const bool alike = !buckets_.empty() &&
                       parameter.options().type_equal(parameters_[buckets_.back().parameters.front()].options());
    if (!fits || !alike) {
      buckets_.emplace_back();
      used_bytes = 0;
    }
    Bucket &bucket = buckets_.back();
    bucket.parameters.push_back(i);
    bucket.offsets.push_back(bucket.num_elements);
    bucket.num_elements += parameter.numel();
    used_bytes += parameter.nbytes();
    bucket_of_[i] = buckets_.size() - 1;
    digest = mix(digest, buckets_.size());
    digest = mix(digest, static_cast<uint64_t>(parameter.scalar_type()));
    for (const int64_t extent : parameter.sizes()) digest = mix(digest, extent);
  }
  layout_digest_ = digest;
}

void Reducer::verify_layout(Clock::time_point deadline) {
  // The greatest digest and the greatest of its negatives are opposite only if all ranks hold the same one.
  const auto digest = static_cast<int64_t>(layout_digest_ >> 2);
  at::Tensor extremes = at::tensor({digest, -digest}, at::kLong);
  group_->all_reduce(extremes, c10d::ReduceOp::MAX).wait_until(deadline);
  TORCH_CHECK(extremes[0].item<int64_t>() == -extremes[1].item<int64_t>(),
              "the ranks disagree about the parameters or the bucket capacity");
}

void Reducer::install_hooks() {
  std::weak_ptr<Reducer> weak = weak_from_this();
  for (size_t i = 0; i < parameters_.size(); ++i) {
    auto accumulator = torch::autograd::impl::grad_accumulator(parameters_[i]);
    auto hook = [weak, i](const variable_list &outputs, const variable_list &) {
      if (auto reducer = weak.lock()) reducer->on_gradient(i);
      return outputs;
    };
    const uintptr_t key =
        accumulator->add_post_hook(std::make_unique<torch::autograd::utils::LambdaPostHook>(std::move(hook)));
    hooks_.emplace_back(std::move(accumulator), key);
  }
}

void Reducer::arm() {
  std::lock_guard<std::mutex> lock(mutex_);
  if (failure_) std::rethrow_exception(failure_);
  TORCH_CHECK(!armed_, "the reducer is armed already");
  ready_.assign(parameters_.size(), false);
  for (Bucket &bucket : buckets_) {
    bucket.num_pending = bucket.parameters.size();
    bucket.operation.reset();
  }
  next_bucket_ = 0;
  armed_ = true;
}

// Runs on the thread of the autograd engine, right after the gradient was accumulated. An exception here would surface from
// backward, so it is kept for `finish`.
void Reducer::on_gradient(size_t parameter) noexcept {
  std::lock_guard<std::mutex> lock(mutex_);
  if (!armed_ || failure_) return;
  try {
    mark_ready(parameter);
  } catch (...) {
    failure_ = std::current_exception();
  }
}

void Reducer::mark_ready(size_t parameter) {
  const size_t index = bucket_of_[parameter];
  TORCH_CHECK(index >= next_bucket_, "the gradient of parameter ", parameter,
              " changed after its bucket was sent: arm only before the last backward of a step");
  if (ready_[parameter]) return;
  ready_[parameter] = true;
  --buckets_[index].num_pending;
  while (next_bucket_ < buckets_.size() && buckets_[next_bucket_].num_pending == 0) launch_next_bucket();
}

at::Tensor Reducer::slice(const Bucket &bucket, size_t position) const {
  const at::Tensor &parameter = parameters_[bucket.parameters[position]];
  return bucket.flat.narrow(0, bucket.offsets[position], parameter.numel()).view(parameter.sizes());
}

void Reducer::launch_next_bucket() {
  at::NoGradGuard no_grad;
  Bucket &bucket = buckets_[next_bucket_];
  if (!bucket.flat.defined()) {
    const at::Tensor &first = parameters_[bucket.parameters.front()];
    bucket.flat = at::empty({bucket.num_elements}, first.options().requires_grad(false));
  }
  for (size_t position = 0; position < bucket.parameters.size(); ++position) {
    const at::Tensor &gradient = parameters_[bucket.parameters[position]].grad();
    at::Tensor target = slice(bucket, position);
    if (gradient.defined()) {
      target.copy_(gradient);
    } else {
      target.zero_();
    }
  }
  bucket.operation = group_->all_reduce(bucket.flat, c10d::ReduceOp::SUM);
  ++next_bucket_;
}

at::Tensor Reducer::count_gradients() const {
  at::Tensor counts = at::zeros({static_cast<int64_t>(parameters_.size())}, at::kInt);
  auto *values = counts.mutable_data_ptr<int32_t>();
  for (size_t i = 0; i < parameters_.size(); ++i) values[i] = parameters_[i].grad().defined() ? 1 : 0;
  return counts;
}

void Reducer::store_sums(const at::Tensor &counts) {
  at::NoGradGuard no_grad;
  const auto *values = counts.const_data_ptr<int32_t>();
  for (const Bucket &bucket : buckets_) {
    for (size_t position = 0; position < bucket.parameters.size(); ++position) {
      const size_t index = bucket.parameters[position];
      if (values[index] == 0) continue;
      at::Tensor &gradient = const_cast<at::Tensor &>(parameters_[index]).mutable_grad();
      if (!gradient.defined()) gradient = at::empty_like(parameters_[index]);
      gradient.copy_(slice(bucket, position));
    }
  }
}

gradus_reduction Reducer::finish(Clock::time_point deadline) {
  std::lock_guard<std::mutex> lock(mutex_);
  TORCH_CHECK(armed_, "the reducer is not armed");
  armed_ = false;
  if (failure_) std::rethrow_exception(failure_);
  try {
    gradus_reduction reduction{};
    reduction.num_buckets = static_cast<int64_t>(buckets_.size());
    at::Tensor counts = count_gradients();
    if (group_->size() > 1) {
      reduction.num_overlapped_buckets = static_cast<int64_t>(next_bucket_);
      while (next_bucket_ < buckets_.size()) launch_next_bucket();
      const Operation counting = group_->all_reduce(counts, c10d::ReduceOp::SUM);
      for (const Bucket &bucket : buckets_) bucket.operation->wait_until(deadline);
      counting.wait_until(deadline);
      store_sums(counts);
    }
    reduction.num_absent_gradients = (counts == 0).sum().item<int64_t>();
    return reduction;
  } catch (...) {
    failure_ = std::current_exception();
    throw;
  }
}

void Reducer::disarm() {
  std::lock_guard<std::mutex> lock(mutex_);
  if (armed_ && next_bucket_ > 0 && !failure_) {
    failure_ = std::make_exception_ptr(Failure(GRADUS_FAILED, "a reduction was given up after its first bucket was sent"));
  }
  armed_ = false;
}

}  // namespace gradus

gradus_status gradus_reducer_create(gradus_group *group, const gradus_reducer_config *config, gradus_reducer **out,
                                    char **message) {
  return gradus::guarded(message, [&] {
    std::vector<at::Tensor> parameters;
    for (uintptr_t i = 0; i < config->num_parameters; ++i) {
      parameters.push_back(*static_cast<at::Tensor *>(config->parameters[i]));
    }
    auto reducer =
        std::make_shared<gradus::Reducer>(group->group, std::move(parameters), config->bucket_capacity_bytes);
    if (group->group->size() > 1) {
      reducer->verify_layout(gradus::Clock::now() + milliseconds(config->timeout_ms));
      reducer->install_hooks();
    }
    *out = new gradus_reducer{std::move(reducer)};
  });
}

gradus_status gradus_reducer_arm(gradus_reducer *reducer, char **message) {
  return gradus::guarded(message, [&] { reducer->reducer->arm(); });
}

gradus_status gradus_reducer_finish(gradus_reducer *reducer, int64_t timeout_ms, gradus_reduction *out,
                                    char **message) {
  return gradus::guarded(message, [&] {
    *out = reducer->reducer->finish(gradus::Clock::now() + milliseconds(timeout_ms));
  });
}

void gradus_reducer_disarm(gradus_reducer *reducer) { reducer->reducer->disarm(); }

void gradus_reducer_free(gradus_reducer *reducer) { delete reducer; }
