#pragma once
/// What mail says: one text for each template.

#include <optional>
#include <string>
#include <string_view>

namespace sentinel::delivery {

struct MailText {
    std::string subject;
    std::string text;
};

/// nullopt: there is no such template. `product` is APP_NAME.
std::optional<MailText> mail_text(std::string_view template_name, std::string_view product);

}  // namespace sentinel::delivery
