#include "platform/mail/transports.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

#include "core/text.hpp"
#include "core/utf8.hpp"

namespace sentinel::mail {

namespace {

/// For a terminal: lines stay, other controls go.
std::string printable(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::size_t bytes = std::max<std::size_t>(core::utf8::sequence_length(text), 1);
        const std::string_view character = text.substr(0, bytes);
        const bool is_fit = core::is_utf8(character) && !core::has_control_or_format(character);
        out += is_fit || character == "\n" ? character : "?";
        text.remove_prefix(bytes);
    }
    return out;
}

bool write_all(int descriptor, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(descriptor, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return false;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

std::unexpected<DeliveryFault> failed(std::string_view what) {
    return std::unexpected(DeliveryFault{false, fmt::format("{}: {}", what, std::generic_category().message(errno))});
}

/// The whole file or none of it: a reader never sees half a message.
Delivery write_file(const std::filesystem::path& path, std::string_view text) {
    const std::string unfinished = path.string() + ".part";
    const int descriptor = ::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor < 0) return failed("the mail file cannot be made");
    const bool written = write_all(descriptor, text);
    if (::close(descriptor) != 0 || !written) return failed("the mail file cannot be written");
    if (std::rename(unfinished.c_str(), path.c_str()) != 0) return failed("the mail file cannot be put in place");
    return {};
}

}  // namespace

boost::asio::awaitable<Delivery> ConsoleTransport::deliver(Message message) {
    const auto rendered = render(message);
    if (!rendered) co_return std::unexpected(rendered.error());
    const std::string text =
        fmt::format("--- mail to {}: {}\n{}\n---\n", printable(message.to), printable(message.subject), printable(message.text));
    if (!write_all(descriptor_, text)) co_return failed("the console cannot be written");
    co_return Delivery();
}

boost::asio::awaitable<Delivery> FileTransport::deliver(Message message) {
    const auto rendered = render(message);
    if (!rendered) co_return std::unexpected(rendered.error());
    std::error_code fault;
    const bool is_new = std::filesystem::create_directories(folder_, fault);
    if (fault)
        co_return std::unexpected(DeliveryFault{false, fmt::format("the mail folder cannot be made: {}", fault.message())});
    if (is_new) std::filesystem::permissions(folder_, std::filesystem::perms::owner_all, fault);
    co_return write_file(folder_ / (message.id + ".eml"), *rendered);
}

std::unique_ptr<MailTransport> make_transport(std::string_view url) {
    constexpr std::string_view file_scheme = "file://";
    if (url.starts_with("console:")) return std::make_unique<ConsoleTransport>(STDOUT_FILENO);
    if (url.starts_with(file_scheme))
        return std::make_unique<FileTransport>(std::filesystem::path(url.substr(file_scheme.size())));
    return nullptr;
}

}  // namespace sentinel::mail
