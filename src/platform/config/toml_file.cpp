#include "platform/config/toml_file.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <toml++/toml.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>

namespace sentinel::config {

namespace {

constexpr std::size_t most_bytes = std::size_t{1} << 20;

/// The text of a single value; nullopt for what no setting can be.
std::optional<std::string> scalar_text(const toml::node& node) {
    if (const auto* text = node.as_string()) return text->get();
    if (const auto* number = node.as_integer()) return fmt::format("{}", number->get());
    if (const auto* number = node.as_floating_point()) return fmt::format("{}", number->get());
    if (const auto* boolean = node.as_boolean()) return boolean->get() ? "true" : "false";
    return std::nullopt;
}

std::optional<std::string> text_of_node(const toml::node& node) {
    const auto* array = node.as_array();
    if (array == nullptr) return scalar_text(node);
    std::string joined;
    for (const auto& item : *array) {
        const auto text = scalar_text(item);
        // A comma within an item would come apart as two.
        if (!text || text->contains(',')) return std::nullopt;
        if (!joined.empty()) joined += ',';
        joined += *text;
    }
    return joined;
}

FileEntry entry_of(std::string_view key, const toml::node& node) {
    auto text = text_of_node(node);
    const bool is_plain = text.has_value();
    return {std::string(key), std::move(text).value_or(std::string()), is_plain, node.source().begin.line};
}

}  // namespace

std::expected<std::string, std::string> read_small_file(const std::filesystem::path& path) {
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0) return std::unexpected(fmt::format("cannot be read: {}", std::strerror(errno)));
    if (S_ISDIR(status.st_mode)) return std::unexpected(std::string("is a folder"));
    std::ifstream file(path, std::ios::binary);
    if (!file) return std::unexpected(fmt::format("cannot be read: {}", std::strerror(errno)));
    std::string text(most_bytes + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    if (text.size() > most_bytes) return std::unexpected(std::string("is larger than 1 MiB"));
    return text;
}

std::expected<SettingsFile, ConfigFault> read_settings_file(const std::filesystem::path& path) {
    SettingsFile file{.name = path.string()};
    const auto text = read_small_file(path);
    if (!text) return std::unexpected(ConfigFault{file.name, text.error()});
    struct stat status{};
    file.readable_by_others = ::stat(path.c_str(), &status) == 0 && (status.st_mode & S_IROTH) != 0;
    try {
        const toml::table table = toml::parse(*text);
        for (const auto& [key, node] : table) file.entries.push_back(entry_of(key.str(), node));
    } catch (const toml::parse_error& error) {
        const auto& place = error.source().begin;
        return std::unexpected(
            ConfigFault{fmt::format("{}:{}:{}", file.name, place.line, place.column), "is no valid TOML here"});
    }
    return file;
}

}  // namespace sentinel::config
