#pragma once
/// Cursors of lists: opaque, signed, and good for one tenant, list, filter and order alone (spec 00 section 4).

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/vocabulary.hpp"
#include "platform/crypto/digest.hpp"
#include "platform/http/pagination.hpp"

namespace sentinel::http {

/// What a cursor is bound to.
struct CursorScope {
    core::TenantId tenant;       ///< acted in
    std::string_view route;      ///< the template
    std::string_view selection;  ///< selection_of the query
};

/// Filter and order of a query: its parameters without page, limit and cursor, in an order of their own.
std::string selection_of(std::string_view query);

/// What came out of a cursor.
struct OpenedCursor {
    CursorKeys keys;
    /// Genuine, but of another tenant: refused like a forged one, and told to the audit.
    std::optional<core::TenantId> foreign_tenant;
};

/// Thread-safe.
class CursorCodec {
public:
    /// The first key signs; all open, so that a cursor outlives the change of a key. REQUIRES at least one.
    explicit CursorCodec(std::vector<std::shared_ptr<const crypto::HmacKey>> keys);

    std::string seal(const CursorScope& scope, const CursorKeys& keys) const;
    /// nullopt when it is forged, altered, or of another list, filter or order.
    std::optional<OpenedCursor> open(const CursorScope& scope, std::string_view cursor) const;

private:
    std::vector<std::shared_ptr<const crypto::HmacKey>> keys_;
};

}  // namespace sentinel::http
