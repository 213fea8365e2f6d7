/// Likewise of its TLS.
#include <boost/asio/ssl/impl/src.hpp>
