#pragma once
/// The rows that a statement gave. Columns travel in binary, so that every type is exact.

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "core/ids.hpp"
#include "core/json.hpp"
#include "core/time.hpp"
#include "platform/postgres/types.hpp"

struct pg_result;

namespace sentinel::postgres {

namespace detail {

/// One value as the server sent it; `data` is null for SQL NULL.
struct Cell {
    const char* data = nullptr;
    std::size_t size = 0;
    std::uint32_t type = 0;   ///< OID
    std::string_view column;  ///< for messages
    std::string_view bytes() const noexcept { return {data, size}; }
};

// Each throws InternalDatabaseError for a type that does not fit.
void decode(const Cell& cell, bool& out);
void decode(const Cell& cell, std::int16_t& out);
void decode(const Cell& cell, std::int32_t& out);
void decode(const Cell& cell, std::int64_t& out);
void decode(const Cell& cell, double& out);
void decode(const Cell& cell, std::string_view& out);
void decode(const Cell& cell, std::string& out);
void decode(const Cell& cell, BytesView& out);
void decode(const Cell& cell, Bytes& out);
void decode(const Cell& cell, core::Uuid& out);
void decode(const Cell& cell, core::Instant& out);
void decode(const Cell& cell, core::json::Value& out);
void decode(const Cell& cell, core::json::Object& out);
[[noreturn]] void refuse_null(const Cell& cell);

/// The elements of a one-dimensional array, in order.
std::vector<Cell> elements_of(const Cell& cell);

template <class T>
T read(const Cell& cell) {
    if constexpr (is_optional<T>) {
        if (cell.data == nullptr) return std::nullopt;
        return read<typename T::value_type>(cell);
    } else {
        if (cell.data == nullptr) refuse_null(cell);
        if constexpr (is_id<T>) {
            return T{read<core::Uuid>(cell)};
        } else if constexpr (is_array<T>) {
            T list;
            const std::vector<Cell> elements = elements_of(cell);
            list.reserve(elements.size());
            for (const Cell& element : elements) list.push_back(read<typename T::value_type>(element));
            return list;
        } else {
            T value{};
            decode(cell, value);
            return value;
        }
    }
}

}  // namespace detail

/// One row; a view into its Result.
class Row {
public:
    /// The value of a column (position from 0, or name) as T: bool, int16/32/64 (never narrowing), double, std::string, core::Uuid,
    /// core::Id, core::Instant, core::json::Value or Object, Bytes, std::vector of these (SQL array), std::optional of any of these.
    /// std::string_view and BytesView point into the Result. std::string takes text, JSON text, inet, cidr and raw bytea.
    /// NULL without std::optional, another type or an unknown column throw InternalDatabaseError.
    template <class T>
    T get(std::size_t column) const {
        return detail::read<T>(cell(column));
    }
    template <class T>
    T get(std::string_view column) const {
        return detail::read<T>(cell(position(column)));
    }
    /// A literal position: 0 alone would also be a null pointer to a name.
    template <class T>
    T get(int column) const {
        return get<T>(static_cast<std::size_t>(column));
    }
    bool is_null(std::size_t column) const { return cell(column).data == nullptr; }
    bool is_null(std::string_view column) const { return cell(position(column)).data == nullptr; }

private:
    friend class Result;
    Row(const pg_result* result, int row) noexcept : result_(result), row_(row) {}
    detail::Cell cell(std::size_t column) const;
    std::size_t position(std::string_view column) const;

    const pg_result* result_;
    int row_;
};

/// What one statement gave. Owns its rows; movable.
class Result {
public:
    class Iterator {
    public:
        using value_type = Row;
        using difference_type = std::ptrdiff_t;
        Iterator() = default;
        Row operator*() const { return {result_, row_}; }
        Iterator& operator++() noexcept {
            ++row_;
            return *this;
        }
        Iterator operator++(int) noexcept {
            Iterator before = *this;
            ++row_;
            return before;
        }
        friend bool operator==(const Iterator&, const Iterator&) = default;

    private:
        friend class Result;
        Iterator(const pg_result* result, int row) noexcept : result_(result), row_(row) {}
        const pg_result* result_ = nullptr;
        int row_ = 0;
    };

    Result() = default;
    /// Takes the result over.
    explicit Result(pg_result* result) noexcept;

    std::size_t size() const noexcept;
    bool empty() const noexcept { return size() == 0; }
    Iterator begin() const noexcept { return {result_.get(), 0}; }
    Iterator end() const noexcept { return {result_.get(), static_cast<int>(size())}; }
    /// Throws InternalDatabaseError when there is no such row.
    Row operator[](std::size_t row) const;
    /// The only row; throws InternalDatabaseError when there is none or more than one.
    Row one() const;
    /// The only row, or none; throws InternalDatabaseError when there are more.
    std::optional<Row> maybe_one() const;
    /// Rows that INSERT, UPDATE, DELETE or SELECT touched or gave.
    std::uint64_t affected_rows() const noexcept;

private:
    struct Release {
        void operator()(pg_result* result) const noexcept;
    };
    std::unique_ptr<pg_result, Release> result_;
};

}  // namespace sentinel::postgres
