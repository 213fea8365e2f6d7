#pragma once
/// How a fuzz target says that it found something: it ends the program, which libFuzzer takes as a crash.

#include <string_view>

namespace sentinel::fuzz {

/// Ends the program with a sentence on stderr.
[[noreturn]] void fail(std::string_view what);
/// `fail(what)` unless the condition holds.
void require(bool holds, std::string_view what);

}  // namespace sentinel::fuzz
