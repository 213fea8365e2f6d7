#pragma once
/// Lists as they are written in the environment: items between commas.

#include <string>
#include <string_view>
#include <vector>

namespace sentinel::config {

/// The items without the blanks around them; none of an empty text, an empty one where nothing stands between two commas.
std::vector<std::string> split_list(std::string_view text);

}  // namespace sentinel::config
