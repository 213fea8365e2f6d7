#include "platform/postgres/result.hpp"

#include <charconv>

#include <libpq-fe.h>

#include "platform/postgres/errors.hpp"

namespace sentinel::postgres {

namespace {

[[noreturn]] void fault(std::string text) { throw InternalDatabaseError("result: " + std::move(text)); }

}  // namespace

Result::Result(pg_result* result) noexcept : result_(result) {}

void Result::Release::operator()(pg_result* result) const noexcept { PQclear(result); }

std::size_t Result::size() const noexcept { return result_ ? static_cast<std::size_t>(PQntuples(result_.get())) : 0; }

Row Result::operator[](std::size_t row) const {
    if (row >= size()) fault("there is no row " + std::to_string(row));
    return {result_.get(), static_cast<int>(row)};
}

Row Result::one() const {
    if (size() != 1) fault("one row expected, " + std::to_string(size()) + " came");
    return {result_.get(), 0};
}

std::optional<Row> Result::maybe_one() const {
    if (empty()) return std::nullopt;
    return one();
}

std::uint64_t Result::affected_rows() const noexcept {
    if (!result_) return 0;
    const std::string_view text = PQcmdTuples(const_cast<pg_result*>(result_.get()));  // libpq only reads it
    std::uint64_t count = 0;
    std::from_chars(text.data(), text.data() + text.size(), count);
    return count;
}

detail::Cell Row::cell(std::size_t column) const {
    const int index = static_cast<int>(column);
    if (column >= static_cast<std::size_t>(PQnfields(result_))) fault("there is no column " + std::to_string(column));
    detail::Cell cell{.type = PQftype(result_, index), .column = PQfname(result_, index)};
    if (PQgetisnull(result_, row_, index) != 0) return cell;
    cell.data = PQgetvalue(result_, row_, index);
    cell.size = static_cast<std::size_t>(PQgetlength(result_, row_, index));
    return cell;
}

std::size_t Row::position(std::string_view column) const {
    // Not PQfnumber: it folds case and allocates.
    const int count = PQnfields(result_);
    for (int index = 0; index < count; ++index) {
        if (column == PQfname(result_, index)) return static_cast<std::size_t>(index);
    }
    fault("there is no column " + std::string(column));
}

}  // namespace sentinel::postgres
