/// The body of Asio, for all translation units that define BOOST_ASIO_SEPARATE_COMPILATION.
#include <boost/asio/impl/src.hpp>
