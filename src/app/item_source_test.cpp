#include "app/item_source.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

namespace sentinel::app {
namespace {

/// Gives `text` in pieces of at most `piece` bytes.
ItemSource::Read pieces_of(std::string text, std::size_t piece) {
    return [text = std::move(text), piece, at = std::size_t{0}](char* data, std::size_t size) mutable {
        const std::size_t count = std::min({piece, size, text.size() - at});
        std::memcpy(data, text.data() + at, count);
        at += count;
        return static_cast<std::ptrdiff_t>(count);
    };
}

struct Split {
    std::vector<std::string> items;
    std::string error;
};

Split split(const std::string& text, std::size_t piece) {
    ItemSource source(pieces_of(text, piece));
    Split result;
    for (;;) {
        const auto item = source.next();
        if (!item) {
            result.error = item.error();
            return result;
        }
        if (!*item) return result;
        result.items.emplace_back(**item);
    }
}

using Texts = std::vector<std::string>;

TEST(ItemSource, SplitsLinesHoweverTheyArrive) {
    for (const std::size_t piece : {1U, 2U, 7U, 1000U}) {
        const auto [items, error] = split("\n  {\"a\":1}\r\n\n{\"b\":2} \nnonsense\n{\"c\":3}", piece);
        EXPECT_EQ(error, "");
        EXPECT_EQ(items, (Texts{"{\"a\":1}\r", "{\"b\":2} ", "nonsense", "{\"c\":3}"})) << piece;
    }
}

TEST(ItemSource, SplitsAnArrayHoweverItArrives) {
    for (const std::size_t piece : {1U, 3U, 1000U}) {
        const auto [items, error] = split(" [ {\"a\":\"}],\\\"{\"} ,[1,[2]],\n7 , \"x,]\" , {\"b\":{}}]\n", piece);
        EXPECT_EQ(error, "");
        EXPECT_EQ(items, (Texts{"{\"a\":\"}],\\\"{\"}", "[1,[2]]", "7", "\"x,]\"", "{\"b\":{}}"})) << piece;
    }
}

TEST(ItemSource, NothingHasNoItems) {
    for (const auto* text : {"", " \n ", "[]", " [ ] "}) {
        const auto [items, error] = split(text, 2);
        EXPECT_TRUE(items.empty()) << text;
        EXPECT_EQ(error, "") << text;
    }
}

TEST(ItemSource, ABrokenArrayIsAnErrorAfterItsGoodItems) {
    for (const auto& [text, count] : std::vector<std::pair<std::string, std::size_t>>{{"[", 0},
                                                                                      {"[1", 0},
                                                                                      {"[1,", 1},
                                                                                      {"[1,]", 1},
                                                                                      {"[,1]", 0},
                                                                                      {"[{} {}]", 1},
                                                                                      {"[{}] {}", 1},
                                                                                      {"[{}}", 1},
                                                                                      {"[{\"a\":\"]", 0}}) {
        for (const std::size_t piece : {1U, 100U}) {
            const auto [items, error] = split(text, piece);
            EXPECT_EQ(items.size(), count) << text;
            EXPECT_NE(error, "") << text;
        }
    }
}

TEST(ItemSource, ALineBeyondTheLimitIsRefused) {
    const auto [items, error] = split(std::string(ItemSource::max_item_bytes + (1U << 20), 'x'), 1U << 20);
    EXPECT_TRUE(items.empty());
    EXPECT_EQ(error, "a line is longer than 16 MiB");
}

TEST(ItemSource, AReadErrorIsNoEnd) {
    ItemSource source([calls = 0](char* data, std::size_t) mutable -> std::ptrdiff_t {
        if (++calls > 1) return -1;
        data[0] = '{';
        return 1;
    });
    EXPECT_FALSE(source.next());
}

}  // namespace
}  // namespace sentinel::app
