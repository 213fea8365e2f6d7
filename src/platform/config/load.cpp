#include "platform/config/load.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <map>

#include "core/text.hpp"
#include "platform/config/checks.hpp"
#include "platform/config/toml_file.hpp"

namespace sentinel::config {

namespace {

constexpr std::string_view prefix = "SENTINEL_";
constexpr std::string_view file_suffix = "_FILE";
constexpr std::string_view file_variable = "CONFIG";  ///< SENTINEL_CONFIG
constexpr std::string_view mask = "********";

/// A text that a source gives to a setting.
struct Given {
    std::string text;
    Source source = Source::standard;
    std::string origin;
};

std::string upper_case(std::string_view key) {
    std::string name(key);
    for (char& letter : name) {
        if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
    }
    return name;
}

/// The setting whose file `name` (`DATABASE_URL_FILE`) would name; null when it is no such name.
const Setting* find_secret_by_file(std::string_view name) {
    if (!name.ends_with(file_suffix)) return nullptr;
    const Setting* setting = find_setting(name.substr(0, name.size() - file_suffix.size()));
    return setting != nullptr && setting->secret ? setting : nullptr;
}

/// A value that may be shown: short, not secret, made fit for a terminal by whoever prints it.
std::string shown(const Setting& setting, std::string_view text) {
    if (setting.secret || text.size() >= 64 || !core::is_utf8(text) || core::has_control_or_format(text)) return {};
    return fmt::format("'{}' ", text);
}

class Loader {
public:
    explicit Loader(const Sources& sources)
        : sources_(sources), environment_(sources.environment.begin(), sources.environment.end()) {}

    std::expected<Loaded, std::vector<ConfigFault>> load() {
        take_file();
        take_environment();
        take_flags();
        store_given();
        // What follows from settings that could not be read would only be a second fault of the same cause.
        if (faults_.empty()) finish();
        if (!faults_.empty()) return std::unexpected(std::move(faults_));
        return std::move(loaded_);
    }

private:
    void add_fault(std::string name, std::string message) { faults_.push_back({std::move(name), std::move(message)}); }

    const std::string* variable(const std::string& name) const {
        const auto found = environment_.find(name);
        // An empty variable is how compose files and units say "not set".
        return found == environment_.end() || found->second.empty() ? nullptr : &found->second;
    }

    std::optional<std::filesystem::path> file_to_read() const {
        if (sources_.file) return sources_.file;
        if (const auto* named = variable(fmt::format("{}{}", prefix, file_variable))) return *named;
        std::error_code ignored;
        const std::filesystem::path usual = "sentinel.toml";
        return std::filesystem::exists(usual, ignored) ? std::optional(usual) : std::nullopt;
    }

    void take_file() {
        const auto path = file_to_read();
        if (!path) return;
        auto file = read_settings_file(*path);
        if (!file) return faults_.push_back(std::move(file.error()));
        bool has_secret = false;
        for (auto& entry : file->entries) has_secret = take_entry(file->name, entry) || has_secret;
        if (has_secret && file->readable_by_others) {
            loaded_.warnings.push_back(fmt::format("{} holds a secret and everybody may read it: chmod o-r", file->name));
        }
    }

    /// Whether the entry is a secret itself.
    bool take_entry(const std::string& file, FileEntry& entry) {
        std::string origin = fmt::format("{}:{}", file, entry.line);
        const std::string name = upper_case(entry.key);
        const bool lower_case = std::ranges::none_of(entry.key, [](char letter) { return letter >= 'A' && letter <= 'Z'; });
        const Setting* setting = lower_case ? find_setting(name) : nullptr;
        const Setting* by_file = lower_case ? find_secret_by_file(name) : nullptr;
        if (setting == nullptr && by_file == nullptr) {
            add_fault(entry.key, fmt::format("{} ({})", unknown_key_message(name), origin));
        } else if (!entry.is_plain) {
            add_fault(entry.key, fmt::format("is neither a text, a number, a boolean nor a list of texts ({})", origin));
        } else if (setting != nullptr) {
            give(*setting, {std::move(entry.text), Source::file, std::move(origin)});
        } else {
            give_from_file(*by_file, entry.text, Source::file, std::move(origin));
        }
        return setting != nullptr && setting->secret;
    }

    std::string unknown_key_message(std::string_view name) const {
        const auto successor = successor_of(name);
        return successor.empty() ? "is no setting" : fmt::format("is no setting any more: {}", successor);
    }

    void take_environment() {
        for (const Setting& setting : all_settings()) {
            const std::string plain(setting.name);
            if (take_variable(setting, fmt::format("{}{}", prefix, plain)) || setting.prefix_only) continue;
            take_variable(setting, plain);
        }
        for (const auto& [name, value] : environment_) warn_of_variable(name);
    }

    bool take_variable(const Setting& setting, const std::string& name) {
        const auto* text = variable(name);
        const std::string file_name = fmt::format("{}{}", name, file_suffix);
        const auto* file = setting.secret ? variable(file_name) : nullptr;
        if (text != nullptr && file != nullptr)
            add_fault(file_name, fmt::format("is given besides {}; only one of them may be", name));
        if (text != nullptr) give(setting, {*text, Source::environment, name});
        if (text == nullptr && file != nullptr) give_from_file(setting, *file, Source::environment, file_name);
        return text != nullptr || file != nullptr;
    }

    void warn_of_variable(std::string_view name) {
        const bool prefixed = name.starts_with(prefix);
        const std::string_view bare = prefixed ? name.substr(prefix.size()) : name;
        if (!successor_of(bare).empty()) {
            loaded_.warnings.push_back(fmt::format("{} is no setting any more: {}", name, successor_of(bare)));
        } else if (prefixed && bare != file_variable && find_setting(bare) == nullptr && find_secret_by_file(bare) == nullptr) {
            loaded_.warnings.push_back(fmt::format("{} is no setting", name));
        }
    }

    void take_flags() {
        for (const auto& [name, text] : sources_.flags) {
            const Setting* setting = find_setting(name);
            if (setting == nullptr || setting->secret) {
                add_fault(name, "is no flag");
            } else {
                give(*setting, {text, Source::flag, setting->flag()});
            }
        }
    }

    /// Sources come in rising order: a later one wins.
    void give(const Setting& setting, Given given) {
        if (given.source == Source::file && given_.contains(setting.name)) {
            return add_fault(setting.key(), fmt::format("is given twice, also by its file ({})", given.origin));
        }
        given_.insert_or_assign(setting.name, std::move(given));
    }

    void give_from_file(const Setting& setting, const std::string& path, Source source, std::string origin) {
        auto text = read_small_file(path);
        if (!text) return add_fault(origin, fmt::format("names a file that {}", text.error()));
        // Editors and `echo` end a file with a line break that is no part of the secret.
        if (text->ends_with('\n')) text->pop_back();
        if (text->ends_with('\r')) text->pop_back();
        give(setting, {std::move(*text), source, std::move(origin)});
    }

    bool is_given(std::string_view name) const { return given_.contains(name); }

    void store_given() {
        for (const Setting& setting : all_settings()) {
            const auto found = given_.find(setting.name);
            if (found == given_.end()) {
                store(setting, {.text = std::string(setting.standard)});
            } else {
                store(setting, found->second);
            }
        }
    }

    void store(const Setting& setting, const Given& given) {
        const bool is_left_open = given.source == Source::standard && given.text.empty() && !setting.worked_out.empty();
        const auto value = is_left_open ? std::expected<SettingValue, std::string>() : parse_value(setting, given.text);
        if (!value)
            return add_fault(std::string(setting.name),
                             fmt::format("{}{} ({})", shown(setting, given.text), value.error(), given.origin));
        if (!is_left_open) setting.store(loaded_.settings, *value);
        const bool masked = setting.secret && !given.text.empty();
        loaded_.values.push_back({&setting, masked ? std::string(mask) : given.text, given.source, given.origin});
    }

    void assign_default(std::string_view name, std::string text) {
        const Setting* setting = find_setting(name);
        setting->store(loaded_.settings, parse_value(*setting, text).value());
        const auto shown_value = std::ranges::find(loaded_.values, setting, &EffectiveValue::setting);
        shown_value->text = std::move(text);
    }

    void finish() {
        const auto given = [&](std::string_view name) { return is_given(name); };
        // An empty list or URL that was given means the default as well: nothing could listen on no address.
        const auto present = [&](std::string_view name) { return is_given(name) && !given_.find(name)->second.text.empty(); };
        work_out_defaults(loaded_.settings, present,
                          [&](std::string_view name, std::string text) { assign_default(name, std::move(text)); });
        faults_ = check_together(loaded_.settings, given);
    }

    const Sources& sources_;
    std::map<std::string, std::string> environment_;
    std::map<std::string_view, Given> given_;
    std::vector<ConfigFault> faults_;
    Loaded loaded_;
};

}  // namespace

std::string_view text_of(Source source) noexcept {
    switch (source) {
        case Source::standard: return "default";
        case Source::file: return "file";
        case Source::environment: return "environment";
        case Source::flag: return "flag";
    }
    return "";
}

std::string ConfigFault::text() const { return fmt::format("{}: {}", name, message); }

std::vector<std::pair<std::string, std::string>> process_environment() {
    std::vector<std::pair<std::string, std::string>> variables;
    for (char** entry = ::environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view text(*entry);
        const auto sign = std::min(text.find('='), text.size());
        variables.emplace_back(text.substr(0, sign), text.substr(std::min(sign + 1, text.size())));
    }
    return variables;
}

std::expected<Loaded, std::vector<ConfigFault>> load(const Sources& sources) { return Loader(sources).load(); }

}  // namespace sentinel::config
