#pragma once
/// Mistakes in the declaration of a route, found when the program starts. Each is a std::logic_error that names the route.

#include "platform/http/route.hpp"

namespace sentinel::http {

void check_route(const Route& route);
/// That two routes do not share method and path, or the operation's name.
void check_beside(const Route& route, const Route& present);

}  // namespace sentinel::http
