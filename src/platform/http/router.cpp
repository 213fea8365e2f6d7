#include "platform/http/router.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <stdexcept>
#include <vector>

namespace sentinel::http {

namespace {

constexpr std::size_t index_of(Method method) noexcept { return static_cast<std::size_t>(method); }

/// `HEAD` is handled as `GET`.
constexpr Method handled_as(Method method) noexcept { return method == Method::head ? Method::get : method; }

std::string_view first_segment(std::string_view path) noexcept { return path.substr(0, path.find('/')); }

/// What follows a segment and its slash.
std::string_view after_segment(std::string_view path, std::string_view segment) noexcept {
    return segment.size() == path.size() ? std::string_view() : path.substr(segment.size() + 1);
}

}  // namespace

/// One segment of the paths. A search tries the fixed word before the name in braces and comes back when a word led nowhere; it
/// visits no node twice, so its cost is bounded by the table, and in practice by the segments.
struct Router::Node {
    using Place = std::array<const Route*, method_count>;

    std::map<std::string, std::unique_ptr<Node>, std::less<>> words;
    std::unique_ptr<Node> parameter;
    Place routes{};
    Place takes_rest{};  ///< `{name*}`

    static bool is_taken(const Place& place) noexcept {
        return std::ranges::any_of(place, [](const Route* route) { return route != nullptr; });
    }

    /// The most fixed place in the table that the path fits, whatever its methods; null where there is none.
    const Place* search(std::string_view path, RouteMatch& match, std::size_t count) const {
        if (path.empty()) return is_taken(routes) ? &routes : nullptr;
        const std::string_view segment = first_segment(path);
        const std::string_view rest = after_segment(path, segment);
        const auto word = words.find(segment);
        if (word != words.end()) {
            if (const Place* place = word->second->search(rest, match, count)) return place;
        }
        if (count == RouteMatch::max_parameters) return nullptr;
        match.values[count] = segment;
        if (parameter != nullptr) {
            if (const Place* place = parameter->search(rest, match, count + 1)) return place;
        }
        match.values[count] = path;
        return is_taken(takes_rest) ? &takes_rest : nullptr;
    }
};

Router::Router(const Routes& routes, bool is_management) : root_(std::make_unique<Node>()) {
    const Listener other = is_management ? Listener::main : Listener::management;
    for (const Route& route : routes.all()) {
        if (route.listener == other) continue;
        add(route, route.path);
        for (const std::string& alias : route.aliases) add(route, alias);
    }
}

Router::Router(Router&&) noexcept = default;
Router::~Router() = default;

void Router::add(const Route& route, std::string_view path) {
    Node* node = root_.get();
    path.remove_prefix(1);
    bool takes_rest = false;
    while (!path.empty()) {
        const std::string_view segment = first_segment(path);
        path = after_segment(path, segment);
        takes_rest = segment.ends_with("*}");
        if (takes_rest) break;
        auto& next = segment.starts_with('{') ? node->parameter : node->words[std::string(segment)];
        if (next == nullptr) next = std::make_unique<Node>();
        node = next.get();
    }
    auto& place = (takes_rest ? node->takes_rest : node->routes)[index_of(route.method)];
    if (place != nullptr) throw std::logic_error("two routes for " + route.path);
    place = &route;
}

Router::Found Router::find(Method method, std::string_view path) const {
    path.remove_prefix(std::min<std::size_t>(path.size(), 1));
    Found found;
    if (path.starts_with('/') || path.ends_with("//")) return found;
    if (path.ends_with('/')) path.remove_suffix(1);
    const Node::Place* place = root_->search(path, found.match, 0);
    if (place == nullptr) return found;
    found.match.route = (*place)[index_of(handled_as(method))];
    if (found.match.route != nullptr) return found;
    for (std::size_t index = 0; index < method_count; ++index) {
        const auto each = static_cast<Method>(index);
        if ((*place)[index_of(handled_as(each))] == nullptr && each != Method::options) continue;
        found.allow.append(found.allow.empty() ? "" : ", ").append(text_of(each));
    }
    return found;
}

}  // namespace sentinel::http
