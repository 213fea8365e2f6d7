#include "platform/delivery/mail_text.hpp"

namespace sentinel::delivery {

std::optional<MailText> mail_text(std::string_view template_name, std::string_view product) {
    const std::string name(product);
    if (template_name == "email_changed") {
        return MailText{.subject = name + ": your e-mail address was changed",
                        .text =
                            "The e-mail address of your account was changed; this is the last message to the old one.\n\n"
                            "If it was not you who asked for it, tell your administrator at once.\n"};
    }
    return std::nullopt;
}

}  // namespace sentinel::delivery
