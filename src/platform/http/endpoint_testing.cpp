#include "platform/http/endpoint_testing.hpp"

namespace sentinel::http::testing {

using platform::ErrorCode;
using platform::Scope;

EnumSchema describe(Of<HarbourKind>) { return words_of<HarbourKind>({{HarbourKind::sea, "sea"}, {HarbourKind::river, "river"}}); }

ObjectSchema describe(Of<Berth>) {
    return object<Berth>("Berth", "Where a ship lies.", member("code", &Berth::code, text(1, 10), "Painted on the quay."),
                         member("length", &Berth::length, number(0, 500), "In metres.").defaulted());
}

ObjectSchema describe(Of<CreateHarbour>) {
    return object<CreateHarbour>(
        "CreateHarbour", "What a new harbour is made of.",
        member("name", &CreateHarbour::name, text(1, 255).trimmed(), "Shown to people."),
        member("code", &CreateHarbour::code, text(1, 50).pattern("^[A-Z0-9][A-Z0-9-]{0,49}$"), "Unique."),
        member("kind", &CreateHarbour::kind, "Where it lies.").defaulted(),
        member("parent_id", &CreateHarbour::parent_id, "The harbour above it."),
        member("settings", &CreateHarbour::settings, "Free.").defaulted(),
        member("features", &CreateHarbour::features, list(text(1, 20), 0, 5).unique(), "Switches.").defaulted(),
        member("password", &CreateHarbour::password, secret(12, 128), "Of the harbour master."),
        member("places", &CreateHarbour::places, integer(1, 1000), "How many ships it holds.").defaulted(),
        member("draught", &CreateHarbour::draught, number(0.5, 30), "In metres.").defaulted(),
        member("is_open", &CreateHarbour::is_open, "Whether ships may enter.").defaulted(),
        member("opens_at", &CreateHarbour::opens_at, "When it opens."),
        member("networks", &CreateHarbour::networks, list(network(), 0, 3), "Where its people work.").defaulted(),
        member("berths", &CreateHarbour::berths, list(object(), 0, 4), "Its quays.").defaulted(),
        member("labels", &CreateHarbour::labels, map(text(1, 10).pattern("^[a-z_]+$"), text(1, 20), 0, 3), "Words.").defaulted(),
        member("note", &CreateHarbour::note, free_text(0, 100), "For its people.").defaulted(), forbidden("id"),
        also<CreateHarbour>([](const CreateHarbour& input, Reader& reader) {
            if (input.kind == HarbourKind::river && input.draught > 10) {
                reader.fault("/draught", platform::Rule::exclusive, "a river is not that deep");
            }
        }));
}

ObjectSchema describe(Of<ChangeHarbour>) {
    return object<ChangeHarbour>("ChangeHarbour", "What may change.",
                                 member("name", &ChangeHarbour::name, text(1, 255).trimmed(), "Shown to people."),
                                 member("note", &ChangeHarbour::note, free_text(0, 100), "null clears it."),
                                 member("settings", &ChangeHarbour::settings, "Merged member by member."),
                                 member("is_open", &ChangeHarbour::is_open, "Whether ships may enter."), immutable("code"));
}

ObjectSchema describe(Of<Harbour>) {
    return object<Harbour>("Harbour", "A place where ships lie.", member("id", &Harbour::id, "Its id."),
                           member("name", &Harbour::name, "Shown to people."), member("kind", &Harbour::kind, "Where it lies."),
                           member("parent_id", &Harbour::parent_id, "The harbour above it."),
                           member("settings", &Harbour::settings, "Free."), member("features", &Harbour::features, "Switches."),
                           member("version", &Harbour::version, "Raised by every change.").version(),
                           member("created_at", &Harbour::created_at, "When it was made."));
}

ObjectSchema describe(Of<HarbourDetail>) {
    return object<HarbourDetail>("HarbourDetail", "A harbour and what lies in it.", inlined(&HarbourDetail::harbour),
                                 member("ships", &HarbourDetail::ships, "How many lie there now."));
}

ObjectSchema describe(Of<ListHarbours>) {
    return object<ListHarbours>("ListHarbours", "Which harbours.",
                                paging(&ListHarbours::page, {.sorts = {"name", "created_at"}, .max_limit = 100}),
                                member("search", &ListHarbours::search, text(1, 100), "Part of the name."),
                                member("kind", &ListHarbours::kind, list(one_of(), 0, 2), "One or several.").defaulted(),
                                member("is_open", &ListHarbours::is_open, "Only open or closed ones."),
                                member("from_created", &ListHarbours::from_created, "Made at this time or later."));
}

void add_routes(Routes& routes, HarbourService& service) {
    routes.add(post("/harbours")
                   .scope(Scope::tenant_admin)
                   .summary("Create a harbour")
                   .tag("Harbours")
                   .errors({ErrorCode::conflict})
                   .body<CreateHarbour>()
                   .creates<Harbour>("/harbours/{id}")
                   .handler([&service](auto& call) { return service.create(call.context, std::move(call.body)); }));
    routes.add(get("/harbours")
                   .scope(Scope::tenant_read)
                   .summary("List harbours")
                   .tag("Harbours")
                   .query<ListHarbours>()
                   .answers_page<Harbour>("harbours")
                   .handler([&service](auto& call) { return service.list(call.context, std::move(call.query)); }));
    routes.add(get("/harbours/{harbour_id}")
                   .scope(Scope::tenant_read)
                   .summary("Show a harbour")
                   .tag("Harbours")
                   .path_id<core::TenantId>()
                   .answers<HarbourDetail>()
                   .handler([&service](auto& call) { return service.find(call.context, call.path); }));
    routes.add(patch("/harbours/{harbour_id}")
                   .scope(Scope::tenant_write)
                   .summary("Change a harbour")
                   .tag("Harbours")
                   .path_id<core::TenantId>()
                   .body<ChangeHarbour>()
                   .answers<Harbour>()
                   .handler([&service](auto& call) { return service.change(call.context, call.path, std::move(call.body)); }));
    routes.add(delete_("/harbours/{harbour_id}")
                   .scope(Scope::tenant_admin)
                   .summary("Close a harbour")
                   .tag("Harbours")
                   .if_match()
                   .path_id<core::TenantId>()
                   .handler([&service](auto& call) { return service.remove(call.context, call.path); }));
}

}  // namespace sentinel::http::testing
