#include "requirement.hpp"

#include <cstdio>
#include <cstdlib>

namespace sentinel::fuzz {

void fail(std::string_view what) {
    std::fwrite(what.data(), 1, what.size(), stderr);
    std::fputc('\n', stderr);
    std::abort();
}

void require(bool holds, std::string_view what) {
    if (!holds) fail(what);
}

}  // namespace sentinel::fuzz
