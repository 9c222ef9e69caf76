// TCPStore and PrefixStore: where the ranks of a group find each other.
#include "store.hpp"

#include <cstdlib>

#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include "status.hpp"

using std::chrono::milliseconds;

namespace {

gradus_store *connect(const char *host, const c10d::TCPStoreOptions &options) {
  return new gradus_store{c10::make_intrusive<c10d::TCPStore>(host, options)};
}

}  // namespace

void gradus_string_free(char *message) { std::free(message); }

gradus_status gradus_store_host(int listen_fd, const char *host, uint16_t port, int64_t timeout_ms, gradus_store **out,
                                char **message) {
  return gradus::guarded(message, [&] {
    c10d::TCPStoreOptions options;
    options.port = port;
    options.isServer = true;
    options.waitWorkers = false;
    options.timeout = milliseconds(timeout_ms);
    options.masterListenFd = listen_fd;
    *out = connect(host, options);
  });
}

gradus_status gradus_store_connect(const char *host, uint16_t port, int64_t timeout_ms, gradus_store **out,
                                   char **message) {
  return gradus::guarded(message, [&] {
    c10d::TCPStoreOptions options;
    options.port = port;
    options.waitWorkers = false;
    options.timeout = milliseconds(timeout_ms);
    *out = connect(host, options);
  });
}

gradus_status gradus_store_prefixed(gradus_store *store, const char *prefix, gradus_store **out, char **message) {
  return gradus::guarded(
      message, [&] { *out = new gradus_store{c10::make_intrusive<c10d::PrefixStore>(prefix, store->store)}; });
}

gradus_status gradus_store_set(gradus_store *store, const char *key, const uint8_t *value, uintptr_t size,
                               char **message) {
  return gradus::guarded(message, [&] { store->store->set(key, std::vector<uint8_t>(value, value + size)); });
}

gradus_status gradus_store_get(gradus_store *store, const char *key, int64_t timeout_ms,
                               void (*receive)(void *context, const uint8_t *value, uintptr_t size), void *context,
                               char **message) {
  return gradus::guarded(message, [&] {
    store->store->wait({key}, milliseconds(timeout_ms));
    const std::vector<uint8_t> value = store->store->get(key);
    receive(context, value.data(), value.size());
  });
}

void gradus_store_free(gradus_store *store) { delete store; }
