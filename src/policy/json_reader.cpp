#include <boost/json/basic_parser_impl.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "policy/node_builder.hpp"

namespace sentinel::policy {

namespace {

using Error = boost::json::error_code;
using Text = boost::json::string_view;

/// Passes SAX events on to the builder. Fed line by line, so that `line` is the line of each event.
struct Handler {
    static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

    NodeBuilder* builder = nullptr;
    std::size_t line = 1;
    std::string part;  ///< of a text or number that came in pieces
    bool refused = false;

    explicit Handler(NodeBuilder& target) : builder(&target) {}

    bool go_on(bool ok, Error& error) {
        if (ok) return true;
        refused = true;
        error = boost::json::error::exception;
        return false;
    }
    std::string whole(Text last) {
        part.append(last.data(), last.size());
        return std::exchange(part, {});
    }
    bool on_part(Text text) {
        part.append(text.data(), text.size());
        return true;
    }

    bool on_document_begin(Error&) { return true; }
    bool on_document_end(Error&) { return true; }
    bool on_object_begin(Error& error) { return go_on(builder->begin_map(line), error); }
    bool on_object_end(std::size_t, Error& error) { return go_on(builder->end_map(), error); }
    bool on_array_begin(Error& error) { return go_on(builder->begin_list(line), error); }
    bool on_array_end(std::size_t, Error& error) { return go_on(builder->end_list(), error); }
    bool on_key_part(Text text, std::size_t, Error&) { return on_part(text); }
    bool on_key(Text text, std::size_t, Error& error) { return go_on(builder->key(whole(text), line), error); }
    bool on_string_part(Text text, std::size_t, Error&) { return on_part(text); }
    bool on_string(Text text, std::size_t, Error& error) { return go_on(builder->scalar(whole(text), line), error); }
    bool on_number_part(Text text, Error&) { return on_part(text); }
    bool on_int64(std::int64_t, Text text, Error& error) { return go_on(builder->number(whole(text), line), error); }
    bool on_uint64(std::uint64_t, Text text, Error& error) { return go_on(builder->number(whole(text), line), error); }
    bool on_double(double, Text text, Error& error) { return go_on(builder->number(whole(text), line), error); }
    bool on_bool(bool value, Error& error) { return go_on(builder->scalar(value, line), error); }
    bool on_null(Error& error) { return go_on(builder->scalar(std::monostate(), line), error); }
    bool on_comment_part(Text, Error&) { return true; }
    bool on_comment(Text, Error&) { return true; }
};

std::string sentence(const Error& error) {
    if (error == boost::json::error::incomplete) return "the text ends before the document does";
    return fmt::format("this is not JSON: {}", error.message());
}

}  // namespace

bool read_json(std::string_view text, NodeBuilder& builder) {
    boost::json::parse_options options;
    options.max_depth = static_cast<std::size_t>(-1);  // the builder keeps the depth
    boost::json::basic_parser<Handler> parser(options, builder);
    Handler& handler = parser.handler();
    bool more = true;
    while (more) {
        const std::size_t length = std::min(text.find('\n'), text.size() - 1) + 1;
        const std::string_view line = text.empty() ? text : text.substr(0, length);
        text.remove_prefix(line.size());
        more = !text.empty();
        Error error;
        const std::size_t used = parser.write_some(more, line.data(), line.size(), error);
        if (error && handler.refused) return false;
        if (error) return builder.fail(handler.line, "syntax", sentence(error));
        if (used < line.size()) return builder.fail(handler.line, "syntax", "there is text after the end of the document");
        ++handler.line;
    }
    return true;
}

}  // namespace sentinel::policy
