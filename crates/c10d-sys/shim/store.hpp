// The rendezvous store behind a `gradus_store` handle.
#pragma once

#include <torch/csrc/distributed/c10d/Store.hpp>

struct gradus_store {
  c10::intrusive_ptr<c10d::Store> store;
};
