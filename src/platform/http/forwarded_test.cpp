#include "platform/http/forwarded.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace {

using namespace sentinel::http;
using sentinel::core::IpAddress;
using sentinel::core::IpNetwork;

std::string client_of(std::initializer_list<HeaderField> given) {
    HeaderFields fields;
    for (const HeaderField& field : given) fields.add(field.name, field.value);
    const std::vector<IpNetwork> trusted = {*IpNetwork::parse("10.0.0.0/8")};
    const Origin origin = origin_through_proxy(fields, *IpAddress::parse("10.0.0.1"), trusted);
    return origin.client.text() + (origin.is_secure ? " secure" : "");
}

TEST(Forwarded, TheRightmostUntrustedAddressIsTheClient) {
    EXPECT_EQ(client_of({}), "10.0.0.1");
    EXPECT_EQ(client_of({{"X-Forwarded-For", "192.0.2.66, 192.0.2.1, 10.2.2.2"}}), "192.0.2.1");
    EXPECT_EQ(client_of({{"X-Forwarded-For", "192.0.2.66"}, {"x-forwarded-for", "192.0.2.1:80"}}), "192.0.2.1");
    EXPECT_EQ(client_of({{"X-Forwarded-For", "10.3.3.3, 10.2.2.2"}}), "10.3.3.3");
    EXPECT_EQ(client_of({{"X-Forwarded-For", "192.0.2.1"}, {"X-Forwarded-Proto", "https"}}), "192.0.2.1 secure");
    EXPECT_EQ(client_of({{"Forwarded", "for=192.0.2.66, for=\"[2001:db8::1]:8\";proto=https;by=x, for=10.1.1.1"}}),
              "2001:db8::1 secure");
}

TEST(Forwarded, WhatCannotBeReadCountsAsTheDirectPeer) {
    for (const std::string_view value :
         {"junk", "", "192.0.2.1, ", "unknown, 10.1.1.1", "192.0.2.1:x", "[192.0.2.1", "192.0.2.1 192.0.2.2"}) {
        EXPECT_EQ(client_of({{"X-Forwarded-For", value}}), "10.0.0.1") << value;
    }
    for (const std::string_view value : {"for=_hidden", "for=", "for", "proto=https", "for=\"192.0.2.1", ";;="}) {
        EXPECT_EQ(client_of({{"Forwarded", value}}), "10.0.0.1") << value;
    }
    EXPECT_EQ(client_of({{"Forwarded", "for=192.0.2.1"}, {"X-Forwarded-For", "192.0.2.2"}}), "10.0.0.1");
}

}  // namespace
