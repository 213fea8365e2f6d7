#pragma once
/// Times as answers write them (spec 00 section 1): always `Z`, always microseconds.

#include <string>

#include "core/time.hpp"

namespace sentinel::platform {

/// `2026-01-31T08:00:00.000000Z`; finer digits are cut. std::logic_error outside of the years 0000 to 9999.
void append_timestamp(std::string& out, core::Instant instant);
std::string timestamp_text(core::Instant instant);

}  // namespace sentinel::platform
