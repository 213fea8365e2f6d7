#pragma once
/// A small module, as modules are written, for the tests of this folder.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "core/ip.hpp"
#include "core/vocabulary.hpp"
#include "platform/http/endpoint.hpp"

namespace sentinel::http::testing {

// schemas.hpp of a module: the types, and that they are described.
enum class HarbourKind : std::uint8_t { sea, river };
EnumSchema describe(Of<HarbourKind>);

struct Berth {
    std::string code;
    double length = 0;
};
ObjectSchema describe(Of<Berth>);

struct CreateHarbour {
    std::string name;
    std::string code;
    HarbourKind kind = HarbourKind::sea;
    std::optional<core::TenantId> parent_id;
    core::json::Object settings;
    std::vector<std::string> features;
    std::optional<platform::Secret> password;
    std::int64_t places = 1;
    double draught = 1.5;
    bool is_open = true;
    std::optional<core::Instant> opens_at;
    std::vector<core::IpNetwork> networks;
    std::vector<Berth> berths;
    std::map<std::string, std::string> labels;
    std::string note;
};
ObjectSchema describe(Of<CreateHarbour>);

struct ChangeHarbour {
    Change<std::string> name;
    Change<std::optional<std::string>> note;
    Change<core::json::Object> settings;
    Change<bool> is_open;
};
ObjectSchema describe(Of<ChangeHarbour>);

struct Harbour {
    core::TenantId id;
    std::string name;
    HarbourKind kind = HarbourKind::sea;
    std::optional<core::TenantId> parent_id;
    core::json::Object settings;
    std::vector<std::string> features;
    std::int64_t version = 1;
    core::Instant created_at;
};
ObjectSchema describe(Of<Harbour>);

struct HarbourDetail {
    Harbour harbour;
    std::int64_t ships = 0;
};
ObjectSchema describe(Of<HarbourDetail>);

struct ListHarbours {
    PageRequest page;
    std::optional<std::string> search;
    std::vector<HarbourKind> kind;
    std::optional<bool> is_open;
    std::optional<core::Instant> from_created;
};
ObjectSchema describe(Of<ListHarbours>);

/// The service that the routes call; a test sets what it does.
class HarbourService {
public:
    virtual ~HarbourService() = default;
    virtual boost::asio::awaitable<Harbour> create(platform::RequestContext& context, CreateHarbour input) = 0;
    virtual boost::asio::awaitable<Page<Harbour>> list(platform::RequestContext& context, ListHarbours query) = 0;
    virtual boost::asio::awaitable<HarbourDetail> find(platform::RequestContext& context, core::TenantId id) = 0;
    virtual boost::asio::awaitable<Harbour> change(platform::RequestContext& context, core::TenantId id, ChangeHarbour input) = 0;
    virtual boost::asio::awaitable<void> remove(platform::RequestContext& context, core::TenantId id) = 0;
};

/// routes.cpp of a module.
void add_routes(Routes& routes, HarbourService& service);

}  // namespace sentinel::http::testing
