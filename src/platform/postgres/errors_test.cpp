#include "platform/postgres/errors.hpp"

#include <gtest/gtest.h>

namespace sentinel::postgres {

namespace {

template <class Error>
Error thrown(std::string sqlstate) {
    try {
        std::rethrow_exception(
            exception_of({.sqlstate = std::move(sqlstate), .constraint = "users_email", .text = "secret value"}));
    } catch (const Error& error) { return error; }
}

}  // namespace

TEST(Errors, OneTypeForEachState) {
    EXPECT_EQ(thrown<UniqueViolation>("23505").constraint(), "users_email");
    thrown<ForeignKeyViolation>("23503");
    thrown<CheckViolation>("23514");
    thrown<NotNullViolation>("23502");
    thrown<ExclusionViolation>("23P01");
    thrown<SerializationFailure>("40001");
    thrown<Deadlock>("40P01");
    thrown<StatementTimeout>("57014");
    thrown<StatementTimeout>("55P03");
    for (const char* state : {"57P01", "57P02", "57P03", "53300", "53100", "25006", "08006", "58030"})
        thrown<DatabaseUnavailable>(state);
    thrown<InvalidParameter>("22021");
    EXPECT_EQ(thrown<RaisedException>("P0001").sqlstate(), "P0001");
    for (const char* state : {"42P01", "42501", "XX000", "22P02"}) thrown<InternalDatabaseError>(state);
}

TEST(Errors, StatusIsThatOfTheInterface) {
    EXPECT_EQ(thrown<DatabaseUnavailable>("57P01").status(), 503);
    EXPECT_TRUE(thrown<DatabaseUnavailable>("57P01").retry_after().has_value());
    EXPECT_EQ(thrown<RetryableConflict>("40001").status(), 503);
    EXPECT_EQ(thrown<StatementTimeout>("57014").status(), 503);
    EXPECT_EQ(thrown<UniqueViolation>("23505").status(), 500);
    EXPECT_EQ(thrown<InternalDatabaseError>("42P01").status(), 500);
    EXPECT_EQ(CommitOutcomeUnknown(Diagnostic{}).status(), 503);
}

TEST(Errors, ARefusedHierarchyTellsItsPath) {
    const std::exception_ptr error = exception_of({.sqlstate = "SE001", .text = "roles would contain itself", .detail = "a,b,a"});
    try {
        std::rethrow_exception(error);
    } catch (const platform::ServiceError& refused) {
        EXPECT_EQ(refused.code(), platform::ErrorCode::cycle);
        EXPECT_EQ(core::json::to_text(refused.details()), R"({"path":["a","b","a"]})");
    }
}

TEST(Errors, NoMessageTellsOfServerOrData) {
    for (const char* state : {"23505", "22P02", "P0001"}) {
        const auto error = thrown<DatabaseError>(state);
        EXPECT_EQ(error.message().find("secret"), std::string::npos);
        EXPECT_EQ(error.diagnostic().line().find("secret"), std::string::npos) << state;
        EXPECT_NE(error.diagnostic().line().find(state), std::string::npos);
        EXPECT_TRUE(error.details().empty());
    }
    EXPECT_NE(thrown<DatabaseError>("42P01").diagnostic().line().find("secret value"), std::string::npos);
}

}  // namespace sentinel::postgres
