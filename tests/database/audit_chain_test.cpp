// append_audit: numbers without gaps, a chain that anyone can compute again (spec 12 rules 5 to 7).
#include <array>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include <openssl/sha.h>

#include "schema_testing.hpp"

namespace sentinel::postgres::testing {
namespace {

std::string bytes_of_hex(std::string_view hex) {
    std::string bytes;
    for (std::size_t index = 0; index + 1 < hex.size(); index += 2) {
        bytes += static_cast<char>(std::stoi(std::string(hex.substr(index, 2)), nullptr, 16));
    }
    return bytes;
}

std::string big_endian(std::int64_t number) {
    std::string bytes;
    for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(static_cast<std::uint64_t>(number) >> shift);
    return bytes;
}

std::string sha256(const std::string& bytes) {
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
    SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
    return {digest.begin(), digest.end()};
}

SetupRow append(SetupConnection& app, const std::string& id, const std::string& content) {
    return app.query(
        "select seq, row_hash from sentinel.append_audit($1, null, 'system', '{}', 'test.append', 'thing', 'x', null, '{}', "
        "'success', null, '{}', 0.2, 'request', '{}', sha256(convert_to($2, 'UTF8')), sha256('mac'))",
        {id, content})[0];
}

/// Computes the chain again from what is stored; the number of records.
int verified_records(SetupConnection& app, const std::string& tenant) {
    const As reader(app, tenant);
    std::string previous(32, '\0');
    std::int64_t expected = 0;
    for (const SetupRow& row :
         app.query("select seq, (extract(epoch from created_at) * 1000000)::bigint, encode(digest, 'hex'), "
                   "encode(prev_hash, 'hex'), encode(row_hash, 'hex') from sentinel.audit_logs order by seq")) {
        EXPECT_EQ(std::stoll(*row[0]), ++expected);
        EXPECT_EQ(bytes_of_hex(*row[3]), previous) << expected;
        const std::string hash =
            sha256(previous + big_endian(expected) + big_endian(std::stoll(*row[1])) + bytes_of_hex(*row[2]));
        EXPECT_EQ(bytes_of_hex(*row[4]), hash) << expected;
        previous = hash;
    }
    const SetupRow head =
        app.query("select number, encode(hash, 'hex') from sentinel_private.audit_head where tenant_id = $1", {tenant})[0];
    EXPECT_EQ(std::stoll(*head[0]), expected);
    EXPECT_EQ(bytes_of_hex(*head[1]), previous);
    return static_cast<int>(expected);
}

class AuditChain : public ::testing::Test {
protected:
    SetupConnection app_ = Schema::instance().app();
    std::string tenant_ = make_tenant(app_);
};

TEST_F(AuditChain, VerifiesFromTheStoredBytes) {
    As writer(app_, tenant_);
    for (int number = 1; number <= 20; ++number) {
        EXPECT_EQ(append(app_, id_of(Schema::instance().fresh()), std::to_string(number))[0], std::to_string(number));
    }
    writer.commit();
    EXPECT_EQ(verified_records(app_, tenant_), 20);
}

TEST_F(AuditChain, ARollbackLeavesNoGap) {
    {
        const As lost(app_, tenant_);
        append(app_, id_of(Schema::instance().fresh()), "lost");
    }
    As writer(app_, tenant_);
    EXPECT_EQ(append(app_, id_of(Schema::instance().fresh()), "kept")[0], "1");
    writer.commit();
    EXPECT_EQ(verified_records(app_, tenant_), 1);
}

TEST_F(AuditChain, EightWritersMakeOneChain) {
    constexpr int writers = 8;
    constexpr int records = 60;
    {
        std::vector<std::jthread> threads;
        for (int writer = 0; writer < writers; ++writer) {
            threads.emplace_back([this, writer] {
                SetupConnection app = Schema::instance().app();
                for (int record = 0; record < records; ++record) {
                    As transaction(app, tenant_);
                    append(app, id_of(1'000'000 + writer * 1000 + record), "parallel");
                    // Each tenth is given up, and its number must go to another.
                    if (record % 10 != 9) transaction.commit();
                }
            });
        }
    }
    EXPECT_EQ(verified_records(app_, tenant_), writers * records * 9 / 10);
}

TEST_F(AuditChain, BelongsToTheTransactionsTenant) {
    const std::string other = make_tenant(app_);
    As writer(app_, tenant_);
    append(app_, id_of(Schema::instance().fresh()), "mine");
    writer.switch_to(other);
    EXPECT_EQ(append(app_, id_of(Schema::instance().fresh()), "theirs")[0], "1");
    EXPECT_EQ(app_.value("select count(*) from sentinel.audit_logs"), "1");
    writer.commit();
    EXPECT_EQ(verified_records(app_, tenant_), 1);
    EXPECT_EQ(verified_records(app_, other), 1);
}

TEST_F(AuditChain, RefusesARecordWithoutATenantOrWithAHashOfTheWrongLength) {
    const std::string call =
        "select sentinel.append_audit(gen_random_uuid(), null, 'system', '{}', 'a', null, null, null, '{}', 'success', "
        "null, '{}', null, null, '{}', ";
    As nobody(app_, "");
    EXPECT_EQ(nobody.state_of(call + "sha256('d'), sha256('m'))"), insufficient_privilege);
    nobody.switch_to(id_of(999'999'999));
    EXPECT_EQ(nobody.state_of(call + "sha256('d'), sha256('m'))"), foreign_key_violation) << "a tenant that does not exist";
    nobody.switch_to(tenant_);
    EXPECT_EQ(nobody.state_of(call + "'short', sha256('m'))"), "23514");
    EXPECT_EQ(nobody.state_of(call + "null, sha256('m'))"), "23502");
    EXPECT_EQ(nobody.state_of(call + "sha256('d'), sha256('m'))"), "");
}

TEST_F(AuditChain, AnyChangeOfARecordBreaksIt) {
    As writer(app_, tenant_);
    for (int number = 0; number < 3; ++number) append(app_, id_of(Schema::instance().fresh()), "record");
    writer.commit();
    SetupConnection owner = Schema::instance().owner();
    const auto breaks = [&](const std::string& change) {
        const auto hashes = [&] {
            return owner.value(
                "select string_agg((row_hash = sha256(prev_hash || int8send(seq) || int8send((extract(epoch from created_at) * "
                "1000000)::bigint) || digest))::text, ',' order by seq) from sentinel.audit_logs where tenant_id = $1",
                {tenant_});
        };
        EXPECT_EQ(hashes(), "true,true,true");
        owner.run("begin");
        owner.run(fmt::format("update sentinel.audit_logs set {} where tenant_id = '{}' and seq = 2", change, tenant_));
        EXPECT_EQ(hashes(), "true,false,true") << change;
        owner.run("rollback");
    };
    breaks("digest = sha256('other')");
    breaks("created_at = created_at + interval '1 microsecond'");
    breaks("prev_hash = sha256('other')");
    breaks("row_hash = sha256('other')");
}

}  // namespace
}  // namespace sentinel::postgres::testing
