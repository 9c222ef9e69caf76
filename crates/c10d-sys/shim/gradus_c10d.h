// The C ABI between crates/c10d-sys and libtorch's c10d.
//
// Every function returns a `gradus_status`. On anything but GRADUS_OK it stores a message, owned by the caller and freed with
// `gradus_string_free`, and leaves its other outputs untouched. No exception crosses this boundary. A handle is owned by whoever
// received it and freed with the function of its type; freeing null does nothing. Tensors are `at::Tensor *`, borrowed for the
// duration of the call: what outlives the call holds its own reference.
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
  GRADUS_OK = 0,
  GRADUS_FAILED = 1,
  GRADUS_TIMEOUT = 2,
  GRADUS_ABORTED = 3,
  GRADUS_PEER_LOST = 4,
} gradus_status;

typedef struct gradus_store gradus_store;
typedef struct gradus_group gradus_group;
typedef struct gradus_work gradus_work;
typedef struct gradus_reducer gradus_reducer;

// Where a store listens, and how long its clients wait for it and for its answers.
typedef struct {
  const char *host;
  uint16_t port;
  int64_t timeout_ms;
} gradus_endpoint;

// A rank's place in its group. Exactly one of `hostname` and `interface` is not null: it names where the rank listens for its
// peers. The timeout bounds the joining and every collective.
typedef struct {
  int32_t rank;
  int32_t world_size;
  const char *hostname;
  const char *interface;
  int64_t timeout_ms;
} gradus_group_config;

// The parameters are `at::Tensor *`.
typedef struct {
  void *const *parameters;
  uintptr_t num_parameters;
  uint64_t bucket_capacity_bytes;
  int64_t timeout_ms;
} gradus_reducer_config;

// Bytes owned by the caller, freed with `gradus_bytes_free`.
typedef struct {
  uint8_t *data;
  uintptr_t size;
} gradus_bytes;

// What one reduction did.
typedef struct {
  int64_t num_buckets;
  // Buckets whose all-reduce was launched while backward still ran.
  int64_t num_overlapped_buckets;
  // Parameters without a gradient on any rank.
  int64_t num_absent_gradients;
} gradus_reduction;

void gradus_string_free(char *message);
void gradus_bytes_free(gradus_bytes bytes);

// Serves a store on `listen_fd`, a listening socket bound to the endpoint, and connects to it. Takes over the descriptor.
gradus_status gradus_store_host(int listen_fd, const gradus_endpoint *endpoint, gradus_store **out, char **message);
gradus_status gradus_store_connect(const gradus_endpoint *endpoint, gradus_store **out, char **message);
// A view of `store` in which every key carries `prefix`. The view keeps the connection alive.
gradus_status gradus_store_prefixed(gradus_store *store, const char *prefix, gradus_store **out, char **message);
gradus_status gradus_store_set(gradus_store *store, const char *key, const uint8_t *value, uintptr_t size, char **message);
// Waits until `key` exists.
gradus_status gradus_store_get(gradus_store *store, const char *key, int64_t timeout_ms, gradus_bytes *out, char **message);
void gradus_store_free(gradus_store *store);

// Joins a Gloo group and connects to all of its ranks.
gradus_status gradus_group_join(gradus_store *store, const gradus_group_config *config, gradus_group **out, char **message);
gradus_status gradus_group_all_reduce_sum(gradus_group *group, void *tensor, gradus_work **out, char **message);
gradus_status gradus_group_broadcast(gradus_group *group, void *tensor, int32_t root_rank, gradus_work **out, char **message);
gradus_status gradus_group_barrier(gradus_group *group, gradus_work **out, char **message);
// Closes the connections to all peers and wakes every waiter. May be called from any thread, and more than once.
gradus_status gradus_group_abort(gradus_group *group, char **message);
// A second handle to the same group.
gradus_status gradus_group_share(gradus_group *group, gradus_group **out, char **message);
void gradus_group_free(gradus_group *group);

gradus_status gradus_work_wait(gradus_work *work, int64_t timeout_ms, char **message);
void gradus_work_free(gradus_work *work);

gradus_status gradus_reducer_create(gradus_group *group, const gradus_reducer_config *config, gradus_reducer **out,
                                    char **message);
gradus_status gradus_reducer_arm(gradus_reducer *reducer, char **message);
gradus_status gradus_reducer_finish(gradus_reducer *reducer, int64_t timeout_ms, gradus_reduction *out, char **message);
// Gives up an armed reduction. The reducer is of no use afterwards if one of its buckets was already launched.
void gradus_reducer_disarm(gradus_reducer *reducer);
void gradus_reducer_free(gradus_reducer *reducer);

#ifdef __cplusplus
}
#endif
