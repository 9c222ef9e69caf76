// TCPStore and PrefixStore: where the ranks of a group find each other.
#include "store.hpp"

#include <algorithm>
#include <cstdlib>
#include <new>

#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include "status.hpp"

using std::chrono::milliseconds;

namespace {

gradus_store *connect(const gradus_endpoint &endpoint, c10d::TCPStoreOptions options) {
  options.port = endpoint.port;
  options.waitWorkers = false;
  options.timeout = milliseconds(endpoint.timeout_ms);
  return new gradus_store{c10::make_intrusive<c10d::TCPStore>(endpoint.host, options)};
}

}  // namespace

void gradus_string_free(char *message) { std::free(message); }

void gradus_bytes_free(gradus_bytes bytes) { std::free(bytes.data); }

gradus_status gradus_store_host(int listen_fd, const gradus_endpoint *endpoint, gradus_store **out, char **message) {
  return gradus::guarded(message, [&] {
    c10d::TCPStoreOptions options;
    options.isServer = true;
    options.masterListenFd = listen_fd;
    *out = connect(*endpoint, options);
  });
}

gradus_status gradus_store_connect(const gradus_endpoint *endpoint, gradus_store **out, char **message) {
  return gradus::guarded(message, [&] { *out = connect(*endpoint, {}); });
}

gradus_status gradus_store_prefixed(gradus_store *store, const char *prefix, gradus_store **out, char **message) {
  return gradus::guarded(
      message, [&] { *out = new gradus_store{c10::make_intrusive<c10d::PrefixStore>(prefix, store->store)}; });
}

gradus_status gradus_store_set(gradus_store *store, const char *key, const uint8_t *value, uintptr_t size,
                               char **message) {
  return gradus::guarded(message, [&] { store->store->set(key, std::vector<uint8_t>(value, value + size)); });
}

gradus_status gradus_store_get(gradus_store *store, const char *key, int64_t timeout_ms, gradus_bytes *out,
                               char **message) {
  return gradus::guarded(message, [&] {
    store->store->wait({key}, milliseconds(timeout_ms));
    const std::vector<uint8_t> value = store->store->get(key);
    // One byte more than needed, because `malloc(0)` may return null.
    auto *data = static_cast<uint8_t *>(std::malloc(value.size() + 1));
    if (data == nullptr) throw std::bad_alloc();
    std::copy(value.begin(), value.end(), data);
    *out = gradus_bytes{data, value.size()};
  });
}

void gradus_store_free(gradus_store *store) { delete store; }
