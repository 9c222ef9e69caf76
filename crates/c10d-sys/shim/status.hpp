// Turns C++ exceptions into the status and message of the C ABI.
#pragma once

#include <cstring>
#include <exception>
#include <stdexcept>
#include <string>

#include <c10/util/Exception.h>

#include "gradus_c10d.h"

namespace gradus {

// An exception that already knows its status.
class Failure : public std::runtime_error {
 public:
  Failure(gradus_status status, const std::string &message) : std::runtime_error(message), status(status) {}
  const gradus_status status;
};

inline bool contains(const std::string &text, const char *part) { return text.find(part) != std::string::npos; }

// Gloo throws one type for everything and TCPStore three; only the text tells a deadline from a lost peer.
inline gradus_status classify(const std::string &text) {
  for (const char *part : {"Timed out", "timed out", "timeout", "Timeout"}) {
    if (contains(text, part)) return GRADUS_TIMEOUT;
  }
  for (const char *part : {"Connection closed", "Connection reset", "Connection refused", "Connection aborted",
                           "connection abort", "not connected", "Broken pipe", "Socket closed", "No route to host",
                           "unreachable"}) {
    if (contains(text, part)) return GRADUS_PEER_LOST;
  }
  return GRADUS_FAILED;
}

inline gradus_status report(gradus_status status, const char *text, char **message) noexcept {
  *message = strdup(text);
  return status;
}

// Runs `body` and reports whatever it throws.
template <typename Body>
gradus_status guarded(char **message, Body &&body) noexcept {
  try {
    body();
    return GRADUS_OK;
  } catch (const Failure &failure) {
    return report(failure.status, failure.what(), message);
  } catch (const c10::Error &error) {
    return report(classify(error.what_without_backtrace()), error.what_without_backtrace(), message);
  } catch (const std::exception &error) {
    return report(classify(error.what()), error.what(), message);
  } catch (...) {
    return report(GRADUS_FAILED, "an exception of unknown type", message);
  }
}

}  // namespace gradus
