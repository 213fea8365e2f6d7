#include "platform/config/list.hpp"

#include <algorithm>

namespace sentinel::config {

namespace {

std::string_view without_blanks(std::string_view text) {
    const auto first = text.find_first_not_of(' ');
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

}  // namespace

std::vector<std::string> split_list(std::string_view text) {
    std::vector<std::string> items;
    if (without_blanks(text).empty()) return items;
    while (true) {
        const auto comma = text.find(',');
        items.emplace_back(without_blanks(text.substr(0, comma)));
        if (comma == std::string_view::npos) return items;
        text.remove_prefix(comma + 1);
    }
}

}  // namespace sentinel::config
